using System.Globalization;
using System.Text.RegularExpressions;
using Mlp.Core;
using Mlp.Monitoring;

namespace FlightDelay.Report;

/// <summary>Figures and verdicts in a person's words, the same on the page and at the terminal.</summary>
internal static partial class Units
{
    public static string Bytes(long bytes) => bytes switch
    {
        < 1_000 => $"{bytes} B",
        < 1_000_000 => $"{bytes / 1e3:0.0} kB",
        < 1_000_000_000 => $"{bytes / 1e6:0.0} MB",
        _ => $"{bytes / 1e9:0.00} GB",
    };

    public static string Duration(TimeSpan time) => time.TotalSeconds < 1 ? $"{time.TotalMilliseconds:0} ms" : $"{time.TotalSeconds:0.0} s";

    /// <summary>A metric, or a dash where there is none.</summary>
    public static string Score(double? value, string format = "0.0000") => value is { } number && !double.IsNaN(number) ? number.ToString(format) : "–";

    /// <summary>A rule's reason with figures that a person can read: six digits are enough to tell two apart.</summary>
    public static string Reason(string reason) =>
        LongFigure().Replace(reason, static figure => double.Parse(figure.Value, CultureInfo.InvariantCulture).ToString("0.000000", CultureInfo.InvariantCulture));

    [GeneratedRegex("[0-9]+\\.[0-9]{7,}")]
    private static partial Regex LongFigure();

    /// <summary>The start of a digest: enough to tell two apart.</summary>
    public static string Short(string digest) => ContentDigest.Hex(digest)[..8];

    /// <summary>So that no one has to tell colours apart.</summary>
    public static string Mark(DriftStatus status) => status switch
    {
        DriftStatus.Warning => " !",
        DriftStatus.Drift => " !!",
        _ => "",
    };
}
