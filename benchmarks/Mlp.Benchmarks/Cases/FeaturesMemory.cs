using Mlp.Features;

namespace Mlp.Benchmarks;

/// <summary>Bytes of an entity in the online store, all told, beside those of its 20 floats and an 8-byte key.</summary>
internal sealed class FeaturesMemory : IBenchmark
{
    private const int BytesOfKey = 8;

    public string Name => "features.memory";

    public string Settings => "What the log and the index of a million entities of 20 floats take of the process's managed memory, for each (index of 16 bytes an entity, pages of 1 MiB; buffers that an empty store has as well are said, not counted); against the bytes of the floats and of an 8-byte key";

    public IReadOnlyList<Figure> Run(Effort effort, Action<string> say)
    {
        var entities = effort.Of(FeatureRows.AllEntities);
        var index = (long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)entities * 16);
        var options = new OnlineStoreOptions { MemoryBytes = 256L << 20, PageBytes = 1L << 20, IndexBytes = index };
        var none = GC.GetTotalMemory(forceFullCollection: true);
        using var rows = FeatureRows.Empty(entities, options);
        var empty = GC.GetTotalMemory(forceFullCollection: true);
        rows.Fill();
        var bytes = (double)(GC.GetTotalMemory(forceFullCollection: true) - empty + index) / entities;
        using var reader = rows.Store.CreateReader(rows.Service);
        rows.Check(reader);
        var logBytes = (double)rows.Store.LogBytes / entities;
        say(FormattableString.Invariant($"of {bytes:F1} bytes an entity {logBytes:F1} are its record and {(double)index / entities:F1} the index; an empty store has {empty - none - index} bytes beside its index"));
        return [Figure.OfTarget(Name, "1 entity", bytes, bytes, (FeatureRows.Width * sizeof(float)) + BytesOfKey, "B")];
    }
}
