using Mlp.Features;

namespace Mlp.Benchmarks;

/// <summary>A hundred random entities into one tensor, from one view and from three: the online store against FASTER used by hand, in one epoch.</summary>
internal sealed unsafe class FeaturesMultiget : IBenchmark
{
    private const int ManyViews = 3;
    private const int Together = FeatureRows.Together;

    public string Name => "features.multiget";

    public string Settings => $"ReadMany of Mlp.Features against 100 reads by FASTER by hand within one BeginUnsafe (long keys, blittable values, no locking); one thread each, index of 32 MiB a view, {FeatureRows.Data}";

    public IReadOnlyList<Figure> Run(Effort effort, Action<string> say) =>
        [.. Measure(effort, "100 entities", views: 1), .. Measure(effort, "100 entities, 3 views", ManyViews)];

    private List<Figure> Measure(Effort effort, string name, int views)
    {
        // Powers of two, as both ask for.
        var options = FeatureRows.Options with { MemoryBytes = FeatureRows.Options.MemoryBytes * (views > 1 ? 2 : 1), IndexBytes = FeatureRows.Options.IndexBytes * (views > 1 ? 4 : 1) };
        using var rows = FeatureRows.Filled(effort.Of(FeatureRows.AllEntities), options, views);
        using var peer = new FasterPeer(options.MemoryBytes, options.IndexBytes);
        peer.Fill(rows.Entities * views);
        using var reader = rows.Store.CreateReader(rows.Service);
        rows.Check(reader);
        peer.Check(rows.Entities * views);
        var (ids, keys) = rows.RandomKeys(5);
        var tensor = new float[Together * FeatureRows.Width * views];
        using var theirs = new PinnedFloats(tensor.Length);
        var blocks = (ids.Length / Together) - 1;
        int block = 0, theirBlock = 0;
        var measured = SideBySide.Measure(effort,
            times =>
            {
                for (var i = 0; i < times; i++)
                {
                    block = block == blocks ? 0 : block + 1;
                    FeatureRows.Require(reader.ReadMany(keys.AsSpan(block * Together, Together), FeatureRows.Asked, tensor) == FeatureReadStatus.Complete);
                }
            },
            times =>
            {
                for (var i = 0; i < times; i++)
                {
                    theirBlock = theirBlock == blocks ? 0 : theirBlock + 1;
                    ReadByHand(peer, ids.AsSpan(theirBlock * Together, Together), views, rows.Entities, theirs.Start);
                }
            },
            1e6);

        // The same rows into the same places.
        FeatureRows.Require(reader.ReadMany(keys.AsSpan(0, Together), FeatureRows.Asked, tensor) == FeatureReadStatus.Complete);
        ReadByHand(peer, ids.AsSpan(0, Together), views, rows.Entities, theirs.Start);
        FeatureRows.Require(tensor, theirs.Span, ids[0], "the online store");
        var figure = Figure.OfCost(Name, name, measured, FasterPeer.Name, "us");
        return views > 1 ? [figure] : [figure, Figure.OfAllocation(Name, "bytes a call", Allocated(reader, keys, tensor))];
    }

    private static void ReadByHand(FasterPeer peer, ReadOnlySpan<long> ids, int views, int entities, float* target)
    {
        peer.Begin();
        foreach (var id in ids)
        {
            for (var v = 0; v < views; v++, target += FeatureRows.Width)
            {
                FeatureRows.Require(peer.Read(id + ((long)v * entities), target));
            }
        }

        peer.End();
    }

    private static double Allocated(FeatureReader reader, EntityKey[] keys, float[] tensor)
    {
        const int calls = 1_000;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < calls; i++)
        {
            reader.ReadMany(keys.AsSpan(i * Together, Together), FeatureRows.Asked, tensor);
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)calls;
    }
}
