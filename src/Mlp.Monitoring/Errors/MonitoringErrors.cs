namespace Mlp.Monitoring;

/// <summary>The stable error codes of evaluation, profiles and drift.</summary>
public static class MonitoringErrors
{
    /// <summary>Rows, labels or probabilities that cannot be evaluated or profiled.</summary>
    public const string InputInvalid = "monitoring.input_invalid";

    /// <summary>An evaluation report that cannot be read, or states something that is not allowed.</summary>
    public const string EvaluationInvalid = "monitoring.evaluation_invalid";

    /// <summary>A profile that cannot be read, or states something that is not allowed.</summary>
    public const string ProfileInvalid = "monitoring.profile_invalid";

    /// <summary>Two profiles or sketches that cannot be merged or compared: other columns, or another accuracy.</summary>
    public const string ProfilesDiffer = "monitoring.profiles_differ";
}
