using Mlp.Features;

namespace Mlp.Benchmarks;

/// <summary>Rows of the online store beside those of another store in the same process: one, and a hundred in a call.</summary>
internal abstract class FeaturesBeside : IBenchmark
{
    public abstract string Name { get; }

    public abstract string Settings { get; }

    /// <summary>Opens the other store in an empty folder.</summary>
    protected abstract RowStore Open(string folder);

    public IReadOnlyList<Figure> Run(Effort effort, Action<string> say)
    {
        var folder = Directory.CreateTempSubdirectory("mlp-bench-").FullName;
        try
        {
            using var rows = FeatureRows.Filled(effort.Of(FeatureRows.AllEntities), FeatureRows.Options);
            using var peer = Open(folder);
            peer.Fill(rows.Entities);
            peer.Check(rows.Entities);
            using var reader = rows.Store.CreateReader(rows.Service);
            rows.Check(reader);
            return Measure(effort, rows, reader, peer);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private List<Figure> Measure(Effort effort, FeatureRows rows, FeatureReader reader, RowStore peer)
    {
        const int together = FeatureRows.Together;
        var (ids, keys) = rows.RandomKeys(5);
        var tensor = new float[together * FeatureRows.Width];
        var row = tensor.AsMemory(0, FeatureRows.Width);
        int at = 0, theirs = 0;
        var mask = ids.Length - 1;
        var single = SideBySide.Measure(effort,
            times =>
            {
                for (var i = 0; i < times; i++)
                {
                    at = (at + 1) & mask;
                    FeatureRows.Require(reader.Read(keys.AsSpan(at, 1), FeatureRows.Asked, row.Span) == FeatureReadStatus.Complete);
                }
            },
            times =>
            {
                for (var i = 0; i < times; i++)
                {
                    theirs = (theirs + 1) & mask;
                    FeatureRows.Require(peer.Read(ids[theirs], row.Span));
                }
            },
            1e9);

        var blocks = (ids.Length / together) - 1;
        int block = 0, theirBlock = 0;
        var many = SideBySide.Measure(effort,
            times =>
            {
                for (var i = 0; i < times; i++)
                {
                    block = block == blocks ? 0 : block + 1;
                    FeatureRows.Require(reader.ReadMany(keys.AsSpan(block * together, together), FeatureRows.Asked, tensor) == FeatureReadStatus.Complete);
                }
            },
            times =>
            {
                for (var i = 0; i < times; i++)
                {
                    theirBlock = theirBlock == blocks ? 0 : theirBlock + 1;
                    FeatureRows.Require(peer.ReadMany(ids.AsSpan(theirBlock * together, together), tensor));
                }
            },
            1e6);
        return [Figure.OfCost(Name, "1 row", single, peer.Name, "ns"), Figure.OfCost(Name, "100 rows", many, peer.Name, "us")];
    }
}
