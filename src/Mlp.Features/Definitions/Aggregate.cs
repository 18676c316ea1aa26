using System.Globalization;

namespace Mlp.Features;

/// <summary>
/// An aggregate over a trailing window. Its state is made of integers and of values as they came, so that the same events give the
/// same bits in any order: a column of numbers is summed in whole steps of a stated resolution.
/// </summary>
public sealed record Aggregate
{
    private const int RanksMax = 64;

    private Aggregate(AggregateKind kind, string? column, TimeSpan window, string name)
    {
        Kind = kind;
        Column = column;
        Window = window;
        Name = name;
    }

    /// <summary>What is computed.</summary>
    public AggregateKind Kind { get; }

    /// <summary>The column it reads; null for a count.</summary>
    public string? Column { get; }

    /// <summary>Of a share: the column has to be above this.</summary>
    public long Threshold { get; private init; }

    /// <summary>Length of the window.</summary>
    public TimeSpan Window { get; }

    /// <summary>Of what is summed over a column of numbers: the step that values are rounded to, half to even; null for integers.</summary>
    public double? Resolution { get; private init; }

    /// <summary>Of a quantile: which, 0 to 1.</summary>
    public double Rank { get; private init; }

    /// <summary>Of a quantile: the relative error that is allowed, at most.</summary>
    public double RelativeError { get; private init; }

    /// <summary>Of a decayed mean: the age at which an event counts half.</summary>
    public TimeSpan HalfLife { get; private init; }

    /// <summary>Of a count of distinct values: the sketch has two to the power of this many registers.</summary>
    public int Precision { get; private init; }

    /// <summary>Features that it makes: one, or as many as a top list has ranks.</summary>
    public int Width { get; private init; } = 1;

    /// <summary>The feature's name, such as <c>mean_delay_1h</c>; of a top list its features' names are this, an underscore and the rank from 1 on.</summary>
    public string Name { get; init; }

    /// <summary>The number of events.</summary>
    public static Aggregate Count(TimeSpan window) => new(AggregateKind.Count, null, window, $"count_{Text(window)}");

    /// <summary>The sum of a column; 0 of no value.</summary>
    /// <param name="column">The column: integers, or numbers.</param>
    /// <param name="window">The window.</param>
    /// <param name="resolution">Of numbers: the step they are rounded to, half to even, before they are summed.</param>
    public static Aggregate Sum(string column, TimeSpan window, double? resolution = null) => Summed(AggregateKind.Sum, "sum", column, window, resolution);

    /// <summary>The mean of a column; NaN of no value.</summary>
    /// <inheritdoc cref="Sum"/>
    public static Aggregate Mean(string column, TimeSpan window, double? resolution = null) => Summed(AggregateKind.Mean, "mean", column, window, resolution);

    /// <summary>The population's variance of a column, (n·Σx² − (Σx)²) / n²; NaN of no value.</summary>
    /// <inheritdoc cref="Sum"/>
    public static Aggregate Variance(string column, TimeSpan window, double? resolution = null) => Summed(AggregateKind.Variance, "variance", column, window, resolution);

    /// <summary>The square root of <see cref="Variance"/>.</summary>
    /// <inheritdoc cref="Sum"/>
    public static Aggregate StandardDeviation(string column, TimeSpan window, double? resolution = null) => Summed(AggregateKind.StandardDeviation, "deviation", column, window, resolution);

    /// <summary>The share of a column's values that are above a threshold; NaN of no value.</summary>
    public static Aggregate Share(string column, long above, TimeSpan window) =>
        new(AggregateKind.Share, column, window, $"share_{column}_above_{above.ToString(CultureInfo.InvariantCulture).Replace('-', 'm')}_{Text(window)}") { Threshold = above };

    /// <summary>The smallest value of a column of integers or numbers; NaN of none.</summary>
    public static Aggregate Min(string column, TimeSpan window) => new(AggregateKind.Min, column, window, $"min_{column}_{Text(window)}");

    /// <summary>The largest value of a column of integers or numbers; NaN of none.</summary>
    public static Aggregate Max(string column, TimeSpan window) => new(AggregateKind.Max, column, window, $"max_{column}_{Text(window)}");

    /// <summary>The earliest value of a column of integers or numbers, the smallest of several at one time; NaN of none.</summary>
    public static Aggregate First(string column, TimeSpan window) => new(AggregateKind.First, column, window, $"first_{column}_{Text(window)}");

    /// <summary>The newest value of a column of integers or numbers, the largest of several at one time; NaN of none.</summary>
    public static Aggregate Last(string column, TimeSpan window) => new(AggregateKind.Last, column, window, $"last_{column}_{Text(window)}");

    /// <summary>The mean of a column in which a value counts half for every half-life of its tile's age; NaN of no value.</summary>
    /// <param name="column">The column: integers, or numbers.</param>
    /// <param name="halfLife">A multiple of the view's tile, 65,536 of them at most.</param>
    /// <param name="window">At most 64 half-lives.</param>
    /// <param name="resolution">Of numbers: the step they are rounded to, half to even, before they are summed.</param>
    public static Aggregate DecayedMean(string column, TimeSpan halfLife, TimeSpan window, double? resolution = null) =>
        Summed(AggregateKind.DecayedMean, $"decayed_{Text(halfLife)}", column, window, resolution) with { HalfLife = halfLife };

    /// <summary>The number of different values of a column of any type, by a HyperLogLog sketch; its standard error is 1.04 / √(2^precision).</summary>
    /// <param name="column">The column.</param>
    /// <param name="window">The window.</param>
    /// <param name="precision">4 to 14; 10 is an error of 3.3 %.</param>
    public static Aggregate Distinct(string column, TimeSpan window, int precision = 10)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(precision, 4);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(precision, 14);
        return new Aggregate(AggregateKind.Distinct, column, window, $"distinct_{column}_{Text(window)}") { Precision = precision };
    }

    /// <summary>A quantile of a column of integers or numbers: the value of rank ⌊q·(n − 1)⌋ among the n in order, within a relative error; NaN of none.</summary>
    /// <param name="column">The column.</param>
    /// <param name="rank">Which, 0 to 1; 0.5 is the median.</param>
    /// <param name="window">The window.</param>
    /// <param name="relativeError">0.0005 to 0.25.</param>
    public static Aggregate Quantile(string column, double rank, TimeSpan window, double relativeError = 0.01)
    {
        if (!(rank is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(rank), rank, "expected 0 to 1");
        }

        if (!(relativeError is >= 0.0005 and <= 0.25))
        {
            throw new ArgumentOutOfRangeException(nameof(relativeError), relativeError, "expected 0.0005 to 0.25");
        }

        var percent = ((decimal)rank * 100).ToString("0.####", CultureInfo.InvariantCulture).Replace('.', '_');
        return new Aggregate(AggregateKind.Quantile, column, window, $"p{percent}_{column}_{Text(window)}") { Rank = rank, RelativeError = relativeError };
    }

    /// <summary>
    /// The most frequent values of a column, most frequent first and of several as frequent the smaller first: an integer as it is, a text as its
    /// <see cref="CategoryCode"/>. NaN where there are fewer.
    /// </summary>
    /// <param name="column">A column of integers or texts of not too many values: they are counted exactly.</param>
    /// <param name="ranks">How many, 1 to 64: each becomes a feature.</param>
    /// <param name="window">The window.</param>
    public static Aggregate TopValues(string column, int ranks, TimeSpan window) => Top(AggregateKind.TopValues, "top", column, ranks, window);

    /// <summary>The shares of a column's most frequent values, largest first: 0 where there are fewer, NaN of no value at all.</summary>
    /// <inheritdoc cref="TopValues"/>
    public static Aggregate TopShares(string column, int ranks, TimeSpan window) => Top(AggregateKind.TopShares, "topshare", column, ranks, window);

    internal IEnumerable<string> Names => Width == 1 && Kind is not (AggregateKind.TopValues or AggregateKind.TopShares)
        ? [Name]
        : Enumerable.Range(1, Width).Select(rank => FormattableString.Invariant($"{Name}_{rank}"));

    /// <summary>Everything that decides its value. What an aggregate has no use for is left out, so that a definition of old keeps its digest.</summary>
    internal string Canonical
    {
        get
        {
            var more = (Resolution is { } step ? FormattableString.Invariant($",resolution={step:R}") : "")
                + (Kind == AggregateKind.Quantile ? FormattableString.Invariant($",rank={Rank:R},error={RelativeError:R}") : "")
                + (Kind == AggregateKind.DecayedMean ? FormattableString.Invariant($",half={HalfLife.Ticks}") : "")
                + (Kind == AggregateKind.Distinct ? FormattableString.Invariant($",precision={Precision}") : "")
                + (Kind is AggregateKind.TopValues or AggregateKind.TopShares ? FormattableString.Invariant($",ranks={Width}") : "");
            return FormattableString.Invariant($"{Name}={Kind}({Column},{Threshold},{Window.Ticks}{more})");
        }
    }

    private static Aggregate Summed(AggregateKind kind, string word, string column, TimeSpan window, double? resolution)
    {
        if (resolution is { } step && !(step > 0 && double.IsFinite(step)))
        {
            throw new ArgumentOutOfRangeException(nameof(resolution), resolution, "expected a positive step");
        }

        return new Aggregate(kind, column, window, $"{word}_{column}_{Text(window)}") { Resolution = resolution };
    }

    private static Aggregate Top(AggregateKind kind, string word, string column, int ranks, TimeSpan window)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ranks, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ranks, RanksMax);
        return new Aggregate(kind, column, window, $"{word}_{column}_{Text(window)}") { Width = ranks };
    }

    private static string Text(TimeSpan window) =>
        window.Ticks % TimeSpan.TicksPerDay == 0 ? $"{window.Days}d"
        : window.Ticks % TimeSpan.TicksPerHour == 0 ? $"{(long)window.TotalHours}h"
        : window.Ticks % TimeSpan.TicksPerMinute == 0 ? $"{(long)window.TotalMinutes}m"
        : $"{(long)window.TotalSeconds}s";
}
