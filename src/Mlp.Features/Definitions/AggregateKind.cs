namespace Mlp.Features;

/// <summary>What an aggregate does with the events of its window. A number that is NaN is no value: the event is there, but not for an aggregate of that column.</summary>
public enum AggregateKind
{
    /// <summary>How many there are.</summary>
    Count,

    /// <summary>Sum of a column.</summary>
    Sum,

    /// <summary>Sum of a column over the number of its values; NaN of none.</summary>
    Mean,

    /// <summary>The share of a column's values that are above a threshold; NaN of none.</summary>
    Share,

    /// <summary>The smallest value; NaN of none.</summary>
    Min,

    /// <summary>The largest value; NaN of none.</summary>
    Max,

    /// <summary>The value of the earliest event, the smallest of several at one time; NaN of none.</summary>
    First,

    /// <summary>The value of the newest event, the largest of several at one time; NaN of none.</summary>
    Last,

    /// <summary>The population's variance; NaN of none.</summary>
    Variance,

    /// <summary>The population's standard deviation; NaN of none.</summary>
    StandardDeviation,

    /// <summary>The mean, each value weighted by one half for each half-life of its age; NaN of none.</summary>
    DecayedMean,

    /// <summary>How many different values there are, estimated.</summary>
    Distinct,

    /// <summary>A quantile, within a relative error; NaN of none.</summary>
    Quantile,

    /// <summary>The most frequent values, most frequent first; NaN where there are fewer.</summary>
    TopValues,

    /// <summary>The shares of the most frequent values, largest first; NaN of no value at all.</summary>
    TopShares,
}
