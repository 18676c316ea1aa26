using FASTER.core;

namespace Mlp.Benchmarks;

/// <summary>FASTER used directly, at its best for this work: no locks, everything in memory, an unsafe context whose epoch the caller holds.</summary>
internal sealed unsafe class FasterPeer : IDisposable
{
    private readonly FasterKV<long, FasterRow> _store;
    private readonly ClientSession<long, FasterRow, nint, Empty, Empty, FasterRowFunctions> _session;
    private readonly UnsafeContext<long, FasterRow, nint, Empty, Empty, FasterRowFunctions> _context;

    public FasterPeer(long memoryBytes, long indexBytes)
    {
        _store = new FasterKV<long, FasterRow>(new FasterKVSettings<long, FasterRow>
        {
            LogDevice = new NullDevice(),
            MemorySize = memoryBytes,
            IndexSize = indexBytes,
            EqualityComparer = default(LongKeyComparer),
            ConcurrencyControlMode = ConcurrencyControlMode.None,
        });
        _session = _store.For(new FasterRowFunctions()).NewSession<FasterRowFunctions>();
        _context = _session.UnsafeContext;
    }

    public void Put(long key, ReadOnlySpan<float> values)
    {
        var row = new FasterRow { KnownAt = 1 };
        values.CopyTo(row.Values);
        _session.Upsert(ref key, ref row);
    }

    public void Begin() => _context.BeginUnsafe();

    public void End() => _context.EndUnsafe();

    /// <summary>Reads a row, within <see cref="Begin"/> and <see cref="End"/>.</summary>
    public bool Read(long key, float* row)
    {
        nint input = (nint)row;
        Empty output = default;
        return _context.Read(ref key, ref input, ref output).Found;
    }

    public void Dispose()
    {
        _session.Dispose();
        _store.Dispose();
    }
}
