using FASTER.core;

namespace Mlp.Benchmarks;

/// <summary>FASTER used directly, at its best for this work: no locks, everything in memory, an unsafe context whose epoch the caller holds.</summary>
internal sealed unsafe class FasterPeer : IDisposable
{
    private readonly FasterKV<long, FasterRow> _store;
    private readonly ClientSession<long, FasterRow, nint, Empty, Empty, FasterRowFunctions> _session;
    private readonly UnsafeContext<long, FasterRow, nint, Empty, Empty, FasterRowFunctions> _context;

    private readonly PinnedFloats _row = new(FeatureRows.Width);

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

    /// <summary>What is measured.</summary>
    public static string Name { get; } = $"FASTER {PeerVersion.Of("Microsoft.FASTER.Core")}";

    /// <summary>Room for one row.</summary>
    public float* Row => _row.Start;

    public void Put(long key, ReadOnlySpan<float> values)
    {
        var row = new FasterRow { KnownAt = 1 };
        values.CopyTo(row.Values);
        _session.Upsert(ref key, ref row);
    }

    /// <summary>Puts a row, within <see cref="Begin"/> and <see cref="End"/>.</summary>
    public void PutWithin(long key, ReadOnlySpan<float> values)
    {
        var row = new FasterRow { KnownAt = 1 };
        values.CopyTo(row.Values);
        _context.Upsert(ref key, ref row);
    }

    /// <summary>Puts the row of every number.</summary>
    public void Fill(int rows, int shift = 0)
    {
        Span<float> row = stackalloc float[FeatureRows.Width];
        for (var id = 0; id < rows; id++)
        {
            FeatureRows.Expected(id + shift, row);
            Put(id, row);
        }
    }

    /// <summary>Every row is as it was put.</summary>
    public void Check(int rows, int shift = 0)
    {
        Span<float> expected = stackalloc float[FeatureRows.Width];
        for (var id = 0; id < rows; id++)
        {
            FeatureRows.Expected(id + shift, expected);
            Begin();
            FeatureRows.Require(Read(id, Row));
            End();
            FeatureRows.Require(_row.Span, expected, id, "FASTER");
        }
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
        _row.Dispose();
        _session.Dispose();
        _store.Dispose();
    }
}
