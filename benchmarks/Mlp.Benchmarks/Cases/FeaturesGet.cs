using Mlp.Features;

namespace Mlp.Benchmarks;

/// <summary>A row of 20 floats out of a million entities, keys at random: the online store against FASTER used by hand.</summary>
internal sealed unsafe class FeaturesGet : IBenchmark
{
    public string Name => "features.get";

    public string Settings => $"Mlp.Features' online store against FASTER by hand (long keys, blittable values, no locking, unsafe context); one thread each, index of 32 MiB, {FeatureRows.Data}";

    public IReadOnlyList<Figure> Run(Effort effort, Action<string> say)
    {
        using var rows = FeatureRows.Filled(effort.Of(FeatureRows.AllEntities), FeatureRows.Options);
        using var peer = new FasterPeer(FeatureRows.Options.MemoryBytes, FeatureRows.Options.IndexBytes);
        peer.Fill(rows.Entities);
        using var reader = rows.Store.CreateReader(rows.Service);
        rows.Check(reader);
        peer.Check(rows.Entities);
        var (ids, keys) = rows.RandomKeys(5);
        var row = new float[FeatureRows.Width];
        int at = 0, theirs = 0;
        var mask = ids.Length - 1;
        var measured = SideBySide.Measure(effort,
            times =>
            {
                for (var i = 0; i < times; i++)
                {
                    at = (at + 1) & mask;
                    FeatureRows.Require(reader.Read(keys.AsSpan(at, 1), FeatureRows.Asked, row) == FeatureReadStatus.Complete);
                }
            },
            times =>
            {
                for (var i = 0; i < times; i++)
                {
                    theirs = (theirs + 1) & mask;
                    peer.Begin();
                    FeatureRows.Require(peer.Read(ids[theirs], peer.Row));
                    peer.End();
                }
            },
            1e9);
        var bytes = Allocated(reader, keys, row);
        rows.Check(reader);
        return [Figure.OfCost(Name, "1 row", measured, FasterPeer.Name, "ns"), Figure.OfAllocation(Name, "bytes a read", bytes)];
    }

    private static double Allocated(FeatureReader reader, EntityKey[] keys, float[] row)
    {
        const int reads = 100_000;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < reads; i++)
        {
            reader.Read(keys.AsSpan(i, 1), FeatureRows.Asked, row);
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)reads;
    }
}
