namespace Mlp.Features;

/// <summary>A record of a windowed view outside of any store: one entity's state, of one entity after another.</summary>
internal sealed unsafe class WindowBuffer
{
    private readonly WindowPlan _plan;
    private long[] _words;

    public WindowBuffer(WindowPlan plan)
    {
        _plan = plan;
        _words = Room(WindowLayout.First(plan));
        Clear();
    }

    /// <summary>Begins with the next entity.</summary>
    public void Clear()
    {
        fixed (long* record = _words)
        {
            new WindowRecord(record, _plan).Clear(WindowLayout.First(_plan));
        }
    }

    /// <summary>Adds an event, or takes one back.</summary>
    public WindowOutcome Change(in WindowEvent one, ReadOnlySpan<long> words, out int overflowing)
    {
        while (true)
        {
            fixed (long* record = _words)
            {
                var state = new WindowRecord(record, _plan);
                var outcome = one.IsRetraction
                    ? state.Retract(one.Micros, one.KnownMicros, words, dryRun: false, out overflowing)
                    : state.Add(one.Micros, words, dryRun: false, out overflowing);
                if (outcome != WindowOutcome.NoRoom)
                {
                    return outcome;
                }

                var layout = WindowLayout.Grown(_plan, record);
                var larger = Room(layout);
                fixed (long* copy = larger)
                {
                    state.CopyTo(new WindowRecord(copy, _plan), layout);
                }

                _words = larger;
            }
        }
    }

    /// <summary>Reads the features at a time.</summary>
    public bool Read(long micros, Span<float> row)
    {
        fixed (long* record = _words)
        {
            return new WindowReading(record, _plan, micros).Read(row);
        }
    }

    private long[] Room(WindowLayout layout) => new long[layout.Bytes(_plan) / sizeof(long)];
}
