using Mlp.Features;

namespace Mlp.Benchmarks;

/// <summary>Bytes of an entity in the online store, all told, beside those of its 20 floats and an 8-byte key.</summary>
internal sealed class FeaturesMemory : IBenchmark
{
    private const int BytesOfKey = 8;

    public string Name => "features.memory";

    public string Settings => "What a million entities of 20 floats add to the process's managed memory, which the log's pages and the index are in (index of 16 bytes an entity, pages of 1 MiB), for each; against the bytes of the floats and of an 8-byte key";

    public IReadOnlyList<Figure> Run(Effort effort, Action<string> say)
    {
        var entities = effort.Of(FeatureRows.AllEntities);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var index = (long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)entities * 16) / (entities < FeatureRows.AllEntities ? 2 : 1);
        using var rows = FeatureRows.Filled(entities, new OnlineStoreOptions { MemoryBytes = 256L << 20, PageBytes = 1L << 20, IndexBytes = index });
        var bytes = (double)(GC.GetTotalMemory(forceFullCollection: true) - before) / entities;
        using var reader = rows.Store.CreateReader(rows.Service);
        rows.Check(reader);
        var logBytes = (double)rows.Store.LogBytes / entities;
        say(FormattableString.Invariant($"of {bytes:F1} bytes an entity {logBytes:F1} are its record and {(double)index / entities:F1} the index"));
        return [Figure.OfTarget(Name, "1 entity", bytes, bytes, (FeatureRows.Width * sizeof(float)) + BytesOfKey, "B")];
    }
}
