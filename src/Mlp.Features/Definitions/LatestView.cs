namespace Mlp.Features;

/// <summary>The newest values known before a time.</summary>
/// <remarks>
/// Of several events of one entity at one time, the one created last counts (<see cref="EventSource.CreatedColumn"/>; one that has no such moment
/// counts as created before all others). Where that is equal too, or the source has no such column, the larger value of each column counts by
/// itself: a number before NaN, and NaN before a missing value; true before false; of categories the one declared later; the later moment; a text
/// by its UTF-8 bytes, a GUID by its text; vectors and lists element by element, and then the longer. So the order in which events arrive never matters.
/// </remarks>
public sealed class LatestView : EntityView
{
    /// <summary>Declares a view.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="entity">What it is about.</param>
    /// <param name="source">The events.</param>
    /// <param name="columns">Columns of any type; each becomes a feature of the same name. Of a tensor, those have a part whose values are numbers, bools, categories or vectors of them: NaN where nothing is known.</param>
    /// <param name="timeToLive">How old a value may be; null for any age.</param>
    public LatestView(string name, Entity entity, EventSource source, ReadOnlySpan<string> columns, TimeSpan? timeToLive = null)
        : base(name, entity, source, ColumnsOf(source, columns))
    {
        if (timeToLive is { } limit)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(limit, TimeSpan.Zero, nameof(timeToLive));
        }

        TimeToLive = timeToLive;
    }

    /// <summary>How old a value may be; null for any age.</summary>
    public TimeSpan? TimeToLive { get; }

    internal override string Canonical => $"latest|{CanonicalHead}|{TimeToLive?.Ticks}|{Schema.Canonical}";

    private static Column[] ColumnsOf(EventSource source, ReadOnlySpan<string> columns)
    {
        ArgumentNullException.ThrowIfNull(source);
        return [.. columns.ToArray().Select(column => source.Columns[source.IndexOf(column)])];
    }
}
