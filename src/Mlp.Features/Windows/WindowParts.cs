namespace Mlp.Features;

/// <summary>What the aggregates of a view need, each thing once: collected while they are gone through.</summary>
internal sealed class WindowParts(WindowedView view)
{
    private readonly List<SumSlot> _sums = [new(SumKind.Events, -1, true, 0, 1, 0)];
    private readonly List<StateSlot> _states = [];

    public List<int> Columns { get; } = [];

    public List<Sketch> Sketches { get; } = [];

    /// <summary>Distinct windows in tiles, shortest first.</summary>
    public long[] Windows { get; } = view.Aggregates.ToArray().Select(a => a.Window.Ticks / view.Tile.Ticks).Distinct().Order().ToArray();

    /// <summary>How an aggregate is read; its parts by the order in which they were met.</summary>
    public Reading Reading(Aggregate aggregate, int feature)
    {
        var window = Array.IndexOf(Windows, aggregate.Window.Ticks / view.Tile.Ticks);
        if (aggregate.Column is null)
        {
            return new Reading(aggregate.Kind, feature, window, 0, -1, 0, -1, -1, true, 1, 0, 1);
        }

        var at = view.Source.IndexOf(aggregate.Column);
        var form = view.Source.Columns[at].WordForm;
        var isInteger = form == WordForm.Integer;
        if (!Columns.Contains(at))
        {
            Columns.Add(at);
        }

        var column = Columns.IndexOf(at);
        var resolution = aggregate.Resolution ?? 1;
        var halfLife = (int)(aggregate.HalfLife.Ticks / view.Tile.Ticks);
        int sum = -1, second = -1, state = -1, sketch = -1;

        // Of integers there is one in each event; of numbers and their NaN it has to be counted.
        var divisor = form == WordForm.Number && aggregate.Kind is not (AggregateKind.Sum or AggregateKind.DecayedMean or AggregateKind.First or AggregateKind.Last)
            ? IndexOf(_sums, new(SumKind.Present, column, false, 0, 1, 0)) : 0;
        switch (aggregate.Kind)
        {
            case AggregateKind.Sum or AggregateKind.Mean or AggregateKind.Variance or AggregateKind.StandardDeviation:
                sum = IndexOf(_sums, new(SumKind.Value, column, isInteger, 0, resolution, 0));
                second = aggregate.Kind is AggregateKind.Variance or AggregateKind.StandardDeviation ? IndexOf(_sums, new(SumKind.Square, column, isInteger, 0, resolution, 0)) : -1;
                break;
            case AggregateKind.Share:
                sum = IndexOf(_sums, new(SumKind.Above, column, isInteger, aggregate.Threshold, 1, 0));
                break;
            case AggregateKind.DecayedMean:
                sum = IndexOf(_sums, new(SumKind.WeightedValue, column, isInteger, 0, resolution, halfLife));
                second = IndexOf(_sums, new(SumKind.Weight, column, isInteger, 0, 1, halfLife));
                break;
            case AggregateKind.Min or AggregateKind.Max or AggregateKind.First or AggregateKind.Last:
                state = IndexOf(_states, new(aggregate.Kind, column, isInteger));
                break;
            default:
                sketch = IndexOf(Sketches, Sketch.Of(aggregate, column, form));
                break;
        }

        return new Reading(aggregate.Kind, feature, window, sum, second, divisor, state, sketch, isInteger, resolution, aggregate.Rank, aggregate.Width);
    }

    /// <summary>The narrow sums, then the wide ones.</summary>
    public SumSlot[] OrderedSums() => [.. _sums.Where(s => !s.IsWide), .. _sums.Where(s => s.IsWide)];

    /// <summary>The smallest, the largest, the first, the last: the order of their merging.</summary>
    public StateSlot[] OrderedStates() => [.. _states.OrderBy(s => s.Kind)];

    /// <summary>A reading with its parts as they are ordered now; of a state, its first word.</summary>
    public Reading Renumbered(Reading reading, SumSlot[] sums, StateSlot[] states)
    {
        int Sum(int at) => at < 0 ? -1 : Array.IndexOf(sums, _sums[at]);
        var state = reading.State < 0 ? -1 : states.TakeWhile(s => s != _states[reading.State]).Sum(s => s.Words);
        return reading with { Sum = Sum(reading.Sum), Second = Sum(reading.Second), Divisor = Sum(reading.Divisor), State = state };
    }

    private static int IndexOf<T>(List<T> list, T item)
    {
        if (!list.Contains(item))
        {
            list.Add(item);
        }

        return list.IndexOf(item);
    }
}
