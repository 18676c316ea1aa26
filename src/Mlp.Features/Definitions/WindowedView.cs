namespace Mlp.Features;

/// <summary>
/// Aggregates over trailing windows. A window of length W read at time T covers the tiles of <c>[T − W, T)</c>, T rounded down to
/// its tile: the end is exclusive, so an event at T itself, or in T's unfinished tile, is not seen.
/// </summary>
public sealed class WindowedView : EntityView
{
    /// <summary>What <see cref="SketchItemsMax"/> is where nothing is said.</summary>
    internal const int SketchItemsUsual = 1 << 16;

    private const int AggregatesMax = 255;
    private const long WindowTilesMax = 1L << 40;
    private const int HalfLifeTilesMax = 1 << 16;
    private const int HalfLivesMax = 64;
    private readonly Aggregate[] _aggregates;

    /// <summary>Declares a view.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="entity">What it is about.</param>
    /// <param name="source">The events.</param>
    /// <param name="tile">The grain of time; every window is a multiple of it.</param>
    /// <param name="lateness">How late an event or a retraction may arrive behind the newest of its entity and still be counted.</param>
    /// <param name="aggregates">The features.</param>
    public WindowedView(string name, Entity entity, EventSource source, TimeSpan tile, TimeSpan lateness, params ReadOnlySpan<Aggregate> aggregates)
        : base(name, entity, source, Floats([.. aggregates.ToArray().SelectMany(a => a.Names)]))
    {
        if (tile < TimeSpan.FromMilliseconds(1) || tile.Ticks % TimeSpan.TicksPerMicrosecond != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(tile), tile, "expected at least a millisecond, in whole microseconds");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(lateness, TimeSpan.Zero);
        Tile = tile;
        Lateness = lateness;
        _aggregates = aggregates.ToArray();
        if (_aggregates.Length > AggregatesMax)
        {
            throw new ArgumentException($"The view '{name}' has {_aggregates.Length} aggregates; expected at most {AggregatesMax}: make it two.", nameof(aggregates));
        }

        foreach (var aggregate in _aggregates)
        {
            Check(aggregate);
        }
    }

    /// <summary>The grain of time.</summary>
    public TimeSpan Tile { get; }

    /// <summary>How late an event or a retraction may arrive.</summary>
    public TimeSpan Lateness { get; }

    /// <summary>
    /// Events of one entity that are kept while they are no older than the lateness, so that they may be retracted; 0 for a view of
    /// which nothing is retracted. One more is refused (<c>limit.reached</c>).
    /// </summary>
    public int RetractableEventsMax
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 1 << 20);
            field = value;
        }
    }

    /// <summary>Bins, registers and counted values that the view's sketches may hold of one entity, 16 bytes each; an event that needs more is refused (<c>limit.reached</c>).</summary>
    public int SketchItemsMax
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 64);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 1 << 24);
            field = value;
        }
    }
    = SketchItemsUsual;

    /// <summary>The features.</summary>
    public ReadOnlySpan<Aggregate> Aggregates => _aggregates;

    internal override string Canonical =>
        $"windowed|{CanonicalHead}|{Tile.Ticks}|{string.Join(";", _aggregates.Select(a => a.Canonical + TypeOf(a)))}{(RetractableEventsMax > 0 ? FormattableString.Invariant($"|retractable={RetractableEventsMax},{Lateness.Ticks}") : "")}";

    private static string Taken(AggregateKind kind) => kind switch
    {
        AggregateKind.Distinct => "a number, an integer of which none is missing or that has at most 32 bits, or a text of which none is missing",
        AggregateKind.TopValues or AggregateKind.TopShares => "an integer of at most 63 bits or a text, of which none is missing",
        _ => "a number, or an integer of which none is missing or that has at most 32 bits; unsigned ones of 64 bits may not fit",
    };

    // What is kept of a column depends on its type. Integers are not named, so that a definition of old keeps its digest; nor are numbers whose resolution tells them.
    private string TypeOf(Aggregate aggregate)
    {
        if (aggregate.Column is not { } name)
        {
            return "";
        }

        var column = Source.Columns[Source.IndexOf(name)];
        return column.WordForm == WordForm.Integer || (column.Type == ColumnType.Number && aggregate.Resolution is not null) ? "" : $": {column.Type}";
    }

    /// <summary>The same view over another source.</summary>
    internal WindowedView Over(EventSource source) => new(Name, Entity, source, Tile, Lateness, _aggregates) { RetractableEventsMax = RetractableEventsMax, SketchItemsMax = SketchItemsMax };

    private void Check(Aggregate aggregate)
    {
        if (aggregate.Window <= TimeSpan.Zero || aggregate.Window.Ticks % Tile.Ticks != 0 || aggregate.Window.Ticks / Tile.Ticks > WindowTilesMax)
        {
            throw new ArgumentException($"The window of '{aggregate.Name}' is {aggregate.Window}; expected a multiple of the tile {Tile}, at most {WindowTilesMax} of them.", nameof(aggregate));
        }

        if (aggregate.Column is null)
        {
            return;
        }

        var column = Source.Columns[Source.IndexOf(aggregate.Column)];
        var takes = aggregate.Kind switch
        {
            AggregateKind.Distinct => column.WordForm != WordForm.None,
            AggregateKind.TopValues or AggregateKind.TopShares => column.WordForm is WordForm.Integer or WordForm.Text,
            _ => column.WordForm is WordForm.Integer or WordForm.Number,
        };
        if (!takes)
        {
            throw new ArgumentException($"'{aggregate.Name}' reads the column '{column.Name}' of '{Source.Name}', which is {column.Type}{(column.IsNullable ? ", nullable" : "")}; expected {Taken(aggregate.Kind)}.", nameof(aggregate));
        }

        if (aggregate.Kind is AggregateKind.Sum or AggregateKind.Mean or AggregateKind.Variance or AggregateKind.StandardDeviation or AggregateKind.DecayedMean
            && aggregate.Resolution is null != column.Type.IsInteger)
        {
            throw new ArgumentException($"'{aggregate.Name}' sums the {column.Type} column '{column.Name}'; numbers need a resolution, so that their sum is the same in any order, and integers have none.", nameof(aggregate));
        }

        if (aggregate.Kind == AggregateKind.DecayedMean
            && (aggregate.HalfLife <= TimeSpan.Zero || aggregate.HalfLife.Ticks % Tile.Ticks != 0 || aggregate.HalfLife / Tile > HalfLifeTilesMax || aggregate.Window / aggregate.HalfLife > HalfLivesMax))
        {
            throw new ArgumentException($"The half-life of '{aggregate.Name}' is {aggregate.HalfLife}; expected a multiple of the tile {Tile}, at most {HalfLifeTilesMax} of them, and a window of at most {HalfLivesMax} half-lives.", nameof(aggregate));
        }
    }
}
