using System.Globalization;

namespace Mlp.Features;

/// <summary>What an aggregate does with the events of its window.</summary>
public enum AggregateKind
{
    /// <summary>How many there are.</summary>
    Count,

    /// <summary>Sum of a column.</summary>
    Sum,

    /// <summary>Sum of a column over their number; NaN of none.</summary>
    Mean,

    /// <summary>The share of them in which a column is above a threshold; NaN of none.</summary>
    Share,
}

/// <summary>An aggregate over a trailing window. Columns are integers, so that the same events give the same bits in any order.</summary>
public sealed record Aggregate
{
    private Aggregate(AggregateKind kind, string? column, long threshold, TimeSpan window, string name)
    {
        Kind = kind;
        Column = column;
        Threshold = threshold;
        Window = window;
        Name = name;
    }

    /// <summary>What is computed.</summary>
    public AggregateKind Kind { get; }

    /// <summary>The column it reads; null for a count.</summary>
    public string? Column { get; }

    /// <summary>Of a share: the column has to be above this.</summary>
    public long Threshold { get; }

    /// <summary>Length of the window.</summary>
    public TimeSpan Window { get; }

    /// <summary>The feature's name, such as <c>mean_delay_1h</c>.</summary>
    public string Name { get; init; }

    /// <summary>The number of events.</summary>
    public static Aggregate Count(TimeSpan window) => new(AggregateKind.Count, null, 0, window, $"count_{Text(window)}");

    /// <summary>The sum of a column; 0 of no event.</summary>
    public static Aggregate Sum(string column, TimeSpan window) => new(AggregateKind.Sum, column, 0, window, $"sum_{column}_{Text(window)}");

    /// <summary>The mean of a column; NaN of no event.</summary>
    public static Aggregate Mean(string column, TimeSpan window) => new(AggregateKind.Mean, column, 0, window, $"mean_{column}_{Text(window)}");

    /// <summary>The share of events in which a column is above a threshold; NaN of no event.</summary>
    public static Aggregate Share(string column, long above, TimeSpan window) =>
        new(AggregateKind.Share, column, above, window, $"share_{column}_above_{above.ToString(CultureInfo.InvariantCulture).Replace('-', 'm')}_{Text(window)}");

    private static string Text(TimeSpan window) =>
        window.Ticks % TimeSpan.TicksPerDay == 0 ? $"{window.Days}d"
        : window.Ticks % TimeSpan.TicksPerHour == 0 ? $"{(long)window.TotalHours}h"
        : window.Ticks % TimeSpan.TicksPerMinute == 0 ? $"{(long)window.TotalMinutes}m"
        : $"{(long)window.TotalSeconds}s";
}
