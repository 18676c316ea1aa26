namespace Mlp.Features;

/// <content>How a windowed view's record begins and changes.</content>
internal unsafe partial struct StoreFunctions
{
    // A record begins with what can be counted; of what cannot there shall be none.
    private readonly bool BeginsWindows(WindowPlan plan, ref StoreInput input)
    {
        if (input.Change == WindowChange.Event)
        {
            var delta = stackalloc long[plan.DeltaWords];
            var overflowing = WindowDelta.Of(plan, input.Micros, new ReadOnlySpan<long>(input.Words, plan.Columns.Length), new Span<long>(delta, plan.DeltaWords));
            if (overflowing >= 0)
            {
                Note(WindowOutcome.Overflow, overflowing);
                return false;
            }
        }
        else if (input.Change == WindowChange.Retraction)
        {
            Note(WindowOutcome.Unknown, -1);
            return false;
        }

        return !input.DryRun;
    }

    private readonly void BeginWindows(WindowPlan plan, ref StoreInput input, long* record)
    {
        new WindowRecord(record, plan).Clear(WindowLayout.First(plan));
        UpdateWindows(plan, ref input, record);
    }

    private readonly bool UpdateWindows(WindowPlan plan, ref StoreInput input, long* record)
    {
        var state = new WindowRecord(record, plan);
        var words = new ReadOnlySpan<long>(input.Words, plan.Columns.Length);
        int overflowing;
        var outcome = input.Change switch
        {
            WindowChange.Event => state.Add(input.Micros, words, input.DryRun, out overflowing),
            WindowChange.Retraction => state.Retract(input.Micros, input.Other, words, input.DryRun, out overflowing),
            _ => state.AddTile(input.Other, input.Words, input.DryRun, out overflowing),
        };
        switch (outcome)
        {
            case WindowOutcome.Changed:
                return true;
            case WindowOutcome.NoRoom:
                return false;
            case WindowOutcome.TooLate:
                _events.TooLate += input.DryRun ? 0 : 1;
                return true;
            default:
                // An exception from in here would leave the engine with the record held.
                Note(outcome, overflowing);
                return true;
        }
    }

    private readonly void Note(WindowOutcome refusal, int overflowing)
    {
        _events.Refusal = refusal;
        _events.Overflowing = overflowing;
    }
}
