using Mlp.Monitoring;

namespace FlightDelay.Report;

/// <summary>Figures and verdicts in a person's words, the same on the page and at the terminal.</summary>
internal static class Units
{
    public static string Bytes(long bytes) => bytes switch
    {
        < 1_000 => $"{bytes} B",
        < 1_000_000 => $"{bytes / 1e3:0.0} kB",
        < 1_000_000_000 => $"{bytes / 1e6:0.0} MB",
        _ => $"{bytes / 1e9:0.00} GB",
    };

    public static string Duration(TimeSpan time) => time.TotalSeconds < 1 ? $"{time.TotalMilliseconds:0} ms" : $"{time.TotalSeconds:0.0} s";

    public static string Words(DriftStatus status) => status switch
    {
        DriftStatus.Stable => "stable",
        DriftStatus.Warning => "worth a look",
        DriftStatus.Drift => "drift",
        _ => "too few rows",
    };

    /// <summary>So that no one has to tell colours apart.</summary>
    public static string Mark(DriftStatus status) => status switch
    {
        DriftStatus.Warning => " !",
        DriftStatus.Drift => " !!",
        _ => "",
    };
}
