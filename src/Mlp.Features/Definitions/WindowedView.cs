namespace Mlp.Features;

/// <summary>
/// Aggregates over trailing windows. A window of length W read at time T covers the tiles of <c>[T − W, T)</c>, T rounded down to
/// its tile: the end is exclusive, so an event at T itself, or in T's unfinished tile, is not seen.
/// </summary>
public sealed class WindowedView : EntityView
{
    private readonly Aggregate[] _aggregates;

    /// <summary>Declares a view.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="entity">What it is about.</param>
    /// <param name="source">The events.</param>
    /// <param name="tile">The grain of time; every window is a multiple of it.</param>
    /// <param name="lateness">How late an event may arrive behind the newest of its entity and still be counted.</param>
    /// <param name="aggregates">The features.</param>
    public WindowedView(string name, Entity entity, EventSource source, TimeSpan tile, TimeSpan lateness, params ReadOnlySpan<Aggregate> aggregates)
        : base(name, entity, source, Floats([.. aggregates.ToArray().Select(a => a.Name)]))
    {
        if (tile < TimeSpan.FromMilliseconds(1) || tile.Ticks % TimeSpan.TicksPerMicrosecond != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(tile), tile, "expected at least a millisecond, in whole microseconds");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(lateness, TimeSpan.Zero);
        Tile = tile;
        Lateness = lateness;
        _aggregates = aggregates.ToArray();
        foreach (var aggregate in _aggregates)
        {
            if (aggregate.Window <= TimeSpan.Zero || aggregate.Window.Ticks % tile.Ticks != 0)
            {
                throw new ArgumentException($"The window of '{aggregate.Name}' is {aggregate.Window}; expected a multiple of the tile {tile}.", nameof(aggregates));
            }

            if (aggregate.Column is not null)
            {
                source.Require(aggregate.Column, ColumnType.Integer);
            }
        }
    }

    /// <summary>The grain of time.</summary>
    public TimeSpan Tile { get; }

    /// <summary>How late an event may arrive.</summary>
    public TimeSpan Lateness { get; }

    /// <summary>The features.</summary>
    public ReadOnlySpan<Aggregate> Aggregates => _aggregates;

    internal override string Canonical =>
        $"windowed|{CanonicalHead}|{Tile.Ticks}|{string.Join(";", _aggregates.Select(a => FormattableString.Invariant($"{a.Name}={a.Kind}({a.Column},{a.Threshold},{a.Window.Ticks})")))}";
}
