namespace Mlp.Features;

/// <summary>The newest values known before a time. Of several events of one entity at one time, the largest value of each column counts, so that their order does not.</summary>
public sealed class LatestView : EntityView
{
    /// <summary>Declares a view.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="entity">What it is about.</param>
    /// <param name="source">The events.</param>
    /// <param name="columns">Integer or number columns; each becomes a feature of the same name, NaN where nothing is known.</param>
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
        return [.. columns.ToArray().Select(column => source.Require(column, ColumnType.Integer, ColumnType.Number))];
    }
}
