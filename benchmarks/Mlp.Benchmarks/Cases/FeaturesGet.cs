using Mlp.Features;

namespace Mlp.Benchmarks;

/// <summary>A row of 20 floats out of a million entities, keys at random: the online store against FASTER used by hand.</summary>
internal sealed unsafe class FeaturesGet : IBenchmark
{
    public const int Width = 20;
    private const int AllEntities = 1_000_000;
    private const int Together = 100;
    private const long MemoryBytes = 512L << 20;
    private const long IndexBytes = 32L << 20;
    private static readonly DateTime Known = new(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly DateTime Asked = Known.AddHours(1);

    public string Name => "features.get";

    public string Settings => "Mlp.Features' online store against FASTER by hand (long keys, blittable values, no locking, unsafe context); one thread each, all in memory, index of 32 MiB, 1 M entities, 20 floats, random keys";

    public IReadOnlyList<Figure> Run(Effort effort, Action<string> say)
    {
        var entities = effort.Of(AllEntities);
        var folder = Directory.CreateTempSubdirectory("mlp-bench-").FullName;
        try
        {
            var columns = Enumerable.Range(0, Width).Select(i => Column.Number($"f{i}")).ToArray();
            var source = new EventSource("rows", "known_at", [Column.Integer("id"), .. columns]);
            var view = new LatestView("row", new Entity("thing", "id"), source, columns.Select(c => c.Name).ToArray());
            var service = new FeatureService("bench", "1", view);
            using var store = OnlineStore.Open(folder, service, new OnlineStoreOptions { MemoryBytes = MemoryBytes, IndexBytes = IndexBytes });
            using var peer = new FasterPeer(MemoryBytes, IndexBytes);
            Fill(entities, store, view, peer);
            using var reader = store.CreateReader(service);
            return Measure(effort, entities, reader, peer);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Fill(int entities, OnlineStore store, LatestView view, FasterPeer peer)
    {
        Span<float> row = stackalloc float[Width];
        for (var id = 0; id < entities; id++)
        {
            Expected(id, row);
            store.Put(view, EntityKey.Of(id), Known, row);
            peer.Put(id, row);
        }
    }

    private List<Figure> Measure(Effort effort, int entities, FeatureReader reader, FasterPeer peer)
    {
        var ids = new long[1 << 20];
        var keys = new EntityKey[ids.Length];
        var random = new Random(5);
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = random.Next(entities);
            keys[i] = EntityKey.Of(ids[i]);
        }

        var rows = GC.AllocateArray<float>(Together * Width, pinned: true);
        var theirRows = GC.AllocateArray<float>(Together * Width, pinned: true);
        var target = (float*)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(theirRows, 0);
        Check(entities, reader, peer, rows, theirRows, target);

        int at = 0, theirs = 0;
        var mask = ids.Length - 1;
        var single = SideBySide.Measure(effort,
            times =>
            {
                var row = rows.AsSpan(0, Width);
                for (var i = 0; i < times; i++)
                {
                    at = (at + 1) & mask;
                    Require(reader.Read(keys.AsSpan(at, 1), Asked, row) == FeatureReadStatus.Complete);
                }
            },
            times =>
            {
                for (var i = 0; i < times; i++)
                {
                    theirs = (theirs + 1) & mask;
                    peer.Begin();
                    Require(peer.Read(ids[theirs], target));
                    peer.End();
                }
            },
            1e9);

        var blocks = (ids.Length / Together) - 1;
        int block = 0, theirBlock = 0;
        var many = SideBySide.Measure(effort,
            times =>
            {
                for (var i = 0; i < times; i++)
                {
                    block = block == blocks ? 0 : block + 1;
                    Require(reader.ReadMany(keys.AsSpan(block * Together, Together), Asked, rows) == FeatureReadStatus.Complete);
                }
            },
            times =>
            {
                for (var i = 0; i < times; i++)
                {
                    theirBlock = theirBlock == blocks ? 0 : theirBlock + 1;
                    peer.Begin();
                    for (var k = 0; k < Together; k++)
                    {
                        Require(peer.Read(ids[(theirBlock * Together) + k], target + (k * Width)));
                    }

                    peer.End();
                }
            },
            1e6);

        var bytes = Allocated(reader, keys, rows);
        Check(entities, reader, peer, rows, theirRows, target);
        var name = $"FASTER {PeerVersion.Of("Microsoft.FASTER.Core")}";
        return [Figure.OfCost(Name, "1 row", single, name, "ns"), Figure.OfCost(Name, "100 rows", many, name, "us"), Figure.OfAllocation(Name, "bytes a read", bytes)];
    }

    private static double Allocated(FeatureReader reader, EntityKey[] keys, float[] rows)
    {
        const int reads = 100_000;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < reads; i++)
        {
            reader.Read(keys.AsSpan(i, 1), Asked, rows.AsSpan(0, Width));
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)reads;
    }

    // Every entity, by both.
    private static void Check(int entities, FeatureReader reader, FasterPeer peer, float[] rows, float[] theirRows, float* target)
    {
        Span<float> expected = stackalloc float[Width];
        for (var id = 0; id < entities; id++)
        {
            Expected(id, expected);
            var status = reader.Read([EntityKey.Of(id)], Asked, rows.AsSpan(0, Width));
            peer.Begin();
            var found = peer.Read(id, target);
            peer.End();
            if (status != FeatureReadStatus.Complete || !found || !expected.SequenceEqual(rows.AsSpan(0, Width)) || !expected.SequenceEqual(theirRows.AsSpan(0, Width)))
            {
                throw new WrongAnswerException($"entity {id}: expected {expected[0]} ..., the store gave {rows[0]} ... ({status}), FASTER {theirRows[0]} ... ({found}).");
            }
        }
    }

    private static void Expected(long id, Span<float> row)
    {
        for (var i = 0; i < row.Length; i++)
        {
            row[i] = (id * 31 % 1_000_003) + (i * 0.25f);
        }
    }

    private static void Require(bool found)
    {
        if (!found)
        {
            throw new WrongAnswerException("an entity that was put was not found.");
        }
    }
}
