namespace Mlp.Features;

/// <summary>A stored view, compiled: what its records look like and how a row is read from one. Made once, at opening.</summary>
internal sealed class ViewPlan
{
    private ViewPlan(EntityView view, int id)
    {
        View = view;
        Id = id;
        KeyColumns = [.. view.Entity.Keys.ToArray().Select(view.Source.IndexOf)];
    }

    public EntityView View { get; }

    /// <summary>The view's number in the store's keys.</summary>
    public int Id { get; }

    /// <summary>Indices of the key columns in the source.</summary>
    public int[] KeyColumns { get; }

    /// <summary>Whether records are tile logs (else newest rows).</summary>
    public bool Windowed => View is WindowedView;

    /// <summary>Floats of a row in a tensor.</summary>
    public int Width => View.FloatCount;

    /// <summary>Of a windowed view: what is summed in each tile.</summary>
    public Accumulator[] Accumulators { get; private init; } = [];

    /// <summary>Of a windowed view: the features.</summary>
    public Reading[] Readings { get; private init; } = [];

    public long TileMicros { get; private init; } = 1;

    /// <summary>Distinct windows in tiles, shortest first.</summary>
    public long[] Windows { get; private init; } = [];

    public long LatenessTiles { get; private init; }

    /// <summary>Tiles that have to be kept behind the newest.</summary>
    public long RetentionTiles => Windows[^1] + LatenessTiles;

    public long TimeToLiveMicros { get; private init; } = long.MaxValue;

    /// <summary>Of a latest view: indices of the columns in the source.</summary>
    public int[] ValueColumns { get; private init; } = [];

    /// <summary>Of a latest view: what its records look like.</summary>
    public LatestPlan Latest { get => field ?? throw new InvalidOperationException($"'{View.Name}' is no latest view."); private init; }

    /// <summary>The first feature that reads an accumulator, for messages.</summary>
    public string FeatureOf(int accumulator) => View.Features[Math.Max(0, Array.FindIndex(Readings, r => r.Accumulator == accumulator))];

    /// <summary>The plan of a latest view's records that were written by an older schema.</summary>
    public ViewPlan OfOlder(RowSchema older) => new(View, Id) { Latest = new LatestPlan((LatestView)View, older) };

    public static ViewPlan Of(EntityView view, int id) => view switch
    {
        WindowedView windowed => OfWindowed(windowed, id),
        LatestView latest => new ViewPlan(view, id)
        {
            ValueColumns = [.. latest.Features.ToArray().Select(latest.Source.IndexOf)],
            Latest = new LatestPlan(latest, latest.Schema),
            TimeToLiveMicros = latest.TimeToLive?.Ticks / TimeSpan.TicksPerMicrosecond ?? long.MaxValue,
        },
        _ => throw new ArgumentException($"The view '{view.Name}' is of a kind that is not stored.", nameof(view)),
    };

    private static ViewPlan OfWindowed(WindowedView view, int id)
    {
        // The number of events comes first; a sum and a share that several features use are kept once.
        var accumulators = new List<Accumulator> { new(-1, null) };
        var windows = view.Aggregates.ToArray().Select(a => a.Window.Ticks / view.Tile.Ticks).Distinct().Order().ToArray();
        var readings = new Reading[view.Aggregates.Length];
        for (var i = 0; i < readings.Length; i++)
        {
            var aggregate = view.Aggregates[i];
            var accumulator = aggregate.Column is null ? new Accumulator(-1, null)
                : new Accumulator(view.Source.IndexOf(aggregate.Column), aggregate.Kind == AggregateKind.Share ? aggregate.Threshold : null);
            if (!accumulators.Contains(accumulator))
            {
                accumulators.Add(accumulator);
            }

            readings[i] = new Reading(
                accumulators.IndexOf(accumulator),
                Array.IndexOf(windows, aggregate.Window.Ticks / view.Tile.Ticks),
                aggregate.Kind is AggregateKind.Mean or AggregateKind.Share);
        }

        return new ViewPlan(view, id)
        {
            Accumulators = [.. accumulators],
            Readings = readings,
            Windows = windows,
            TileMicros = view.Tile.Ticks / TimeSpan.TicksPerMicrosecond,
            LatenessTiles = (view.Lateness.Ticks + view.Tile.Ticks - 1) / view.Tile.Ticks,
        };
    }
}

/// <summary>What a tile sums: the number of events (column −1), a column, or the events in which a column is above a threshold.</summary>
internal readonly record struct Accumulator(int Column, long? Above)
{
    /// <summary>What one event adds.</summary>
    public long Of(ReadOnlySpan<FeatureValue> values) =>
        Column < 0 ? 1
        : Above is { } threshold ? (values[Column].Integer > threshold ? 1 : 0)
        : values[Column].Integer;
}

/// <summary>How a feature is read: an accumulator's difference over a window, divided by the number of events or not.</summary>
internal readonly record struct Reading(int Accumulator, int Window, bool Divided);
