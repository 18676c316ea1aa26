using Mlp.Features;

namespace Mlp.Benchmarks;

/// <summary>What the benchmarks of the online store read and write: rows of 20 floats of up to a million entities, in a store of their own.</summary>
internal sealed class FeatureRows : IDisposable
{
    /// <summary>Floats in a row.</summary>
    public const int Width = 20;

    /// <summary>Entities, at full effort.</summary>
    public const int AllEntities = 1_000_000;

    /// <summary>Rows of one call, where there are many.</summary>
    public const int Together = 100;

    /// <summary>Said of every run.</summary>
    public const string Data = "1 M entities, 20 floats, random keys, all in memory";

    public static readonly DateTime Known = new(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    public static readonly DateTime Asked = new(2031, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private const int FillTogether = 1_000;
    private readonly string _folder = Directory.CreateTempSubdirectory("mlp-bench-").FullName;

    private FeatureRows(int entities, int views, OnlineStoreOptions options)
    {
        Entities = entities;
        var columns = Enumerable.Range(0, Width).Select(i => Column.Float($"f{i}")).ToArray();
        var source = new EventSource("rows", "known_at", [Column.Integer("id"), .. columns]);
        Views = [.. Enumerable.Range(0, views).Select(v => new LatestView($"row{v}", new Entity("thing", "id"), source, columns.Select(c => c.Name).ToArray()))];
        Service = new FeatureService("bench", "1", Views);
        Store = OnlineStore.Open(_folder, Service, options);
    }

    /// <summary>Sizes that hold a million rows of a view.</summary>
    public static OnlineStoreOptions Options { get; } = new() { MemoryBytes = 512L << 20, IndexBytes = 32L << 20 };

    public int Entities { get; }

    public LatestView[] Views { get; }

    public FeatureService Service { get; }

    public OnlineStore Store { get; }

    /// <summary>An empty store.</summary>
    public static FeatureRows Empty(int entities, OnlineStoreOptions options, int views = 1) => new(entities, views, options);

    /// <summary>A store with a row of every entity in every view.</summary>
    public static FeatureRows Filled(int entities, OnlineStoreOptions options, int views = 1)
    {
        var rows = new FeatureRows(entities, views, options);
        rows.Fill();
        return rows;
    }

    /// <summary>The row of an entity; of views beyond the first that of another number.</summary>
    public static void Expected(long id, Span<float> row)
    {
        for (var i = 0; i < row.Length; i++)
        {
            row[i] = (id * 31 % 1_000_003) + (i * 0.25f);
        }
    }

    /// <summary>A million numbers of entities, at random, and the same as keys.</summary>
    public (long[] Ids, EntityKey[] Keys) RandomKeys(int seed)
    {
        var ids = new long[1 << 20];
        var keys = new EntityKey[ids.Length];
        var random = new Random(seed);
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = random.Next(Entities);
            keys[i] = EntityKey.Of(ids[i]);
        }

        return (ids, keys);
    }

    /// <summary>Every row is as it was put.</summary>
    /// <param name="reader">Reads it.</param>
    /// <param name="shift">What has been added to every number since.</param>
    /// <exception cref="WrongAnswerException">One is not.</exception>
    public void Check(FeatureReader reader, int shift = 0)
    {
        var row = new float[Width * Views.Length];
        Span<float> expected = stackalloc float[Width];
        for (var id = 0; id < Entities; id++)
        {
            var status = reader.Read([EntityKey.Of(id)], Asked, row);
            Require(status == FeatureReadStatus.Complete);
            for (var v = 0; v < Views.Length; v++)
            {
                Expected(id + shift + (v * Entities), expected);
                Require(row.AsSpan(v * Width, Width), expected, id, "the online store");
            }
        }
    }

    public static void Require(bool found)
    {
        if (!found)
        {
            throw new WrongAnswerException("an entity that was put was not found.");
        }
    }

    public static void Require(ReadOnlySpan<float> row, ReadOnlySpan<float> expected, long id, string store)
    {
        if (!row.SequenceEqual(expected))
        {
            throw new WrongAnswerException($"entity {id}: expected {expected[0]} ..., {store} gave {row[0]} ....");
        }
    }

    public void Dispose()
    {
        Store.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Puts a row of every entity in every view.</summary>
    public void Fill()
    {
        using var writer = Store.CreateWriter();
        var rows = new float[FillTogether * Width];
        var keys = new EntityKey[FillTogether];
        var times = Enumerable.Repeat(Known, FillTogether).ToArray();
        for (var v = 0; v < Views.Length; v++)
        {
            for (var first = 0; first < Entities; first += FillTogether)
            {
                var count = Math.Min(FillTogether, Entities - first);
                for (var i = 0; i < count; i++)
                {
                    keys[i] = EntityKey.Of(first + i);
                    Expected(first + i + (v * Entities), rows.AsSpan(i * Width, Width));
                }

                writer.PutMany(Views[v], keys.AsSpan(0, count), times.AsSpan(0, count), rows.AsSpan(0, count * Width));
            }
        }
    }
}
