using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mlp.Benchmarks;

/// <summary>One measured figure. <see cref="Ratio"/> below 1 is better than the peer, always.</summary>
internal sealed record Figure(
    [property: JsonPropertyName("bench")] string Bench,
    [property: JsonPropertyName("case")] string Case,
    [property: JsonPropertyName("ours")] double Ours,
    [property: JsonPropertyName("peer")] string Peer,
    [property: JsonPropertyName("theirs")] double Theirs,
    [property: JsonPropertyName("unit")] string Unit,
    [property: JsonPropertyName("ratio")] double Ratio,
    [property: JsonPropertyName("ours_min")] double OursMin,
    [property: JsonPropertyName("theirs_min")] double TheirsMin,
    [property: JsonPropertyName("machine")] string Machine)
{
    /// <summary>The peer's name where the yardstick is a number to reach.</summary>
    public const string Target = "target";

    /// <summary>A time or a number of bytes against a peer's: ours over theirs.</summary>
    public static Figure OfCost(string bench, string name, Pair measured, string peer, string unit) => new(
        bench, name, Rounded(measured.Ours), peer, Rounded(measured.Theirs), unit, Rounded(measured.Ours / measured.Theirs), Rounded(measured.OursMin), Rounded(measured.TheirsMin), Benchmarks.Machine.Name);

    /// <summary>Bytes that should be none: the ratio is the bytes.</summary>
    public static Figure OfAllocation(string bench, string name, double bytes) =>
        new(bench, name, Rounded(bytes), Target, 0, "B", Rounded(bytes), Rounded(bytes), 0, Benchmarks.Machine.Name);

    /// <summary>A cost against a number to reach.</summary>
    public static Figure OfTarget(string bench, string name, double ours, double least, double target, string unit) =>
        new(bench, name, Rounded(ours), Target, target, unit, Rounded(ours / target), Rounded(least), target, Benchmarks.Machine.Name);

    /// <summary>A rate, or what is the better the more it is, against a number to reach: that over ours.</summary>
    public static Figure OfTargetRate(string bench, string name, double ours, double target, string unit) =>
        new(bench, name, Rounded(ours), Target, target, unit, Rounded(target / ours), Rounded(ours), target, Benchmarks.Machine.Name);

    /// <summary>The line that programs read.</summary>
    public string ToLine() => JsonSerializer.Serialize(this, Json);

    /// <summary>Reads a line back.</summary>
    public static Figure Parse(string line) => JsonSerializer.Deserialize<Figure>(line, Json) ?? throw new JsonException($"'{line}' is no figure");

    /// <summary>Three significant digits: more would be noise.</summary>
    internal static double Rounded(double value) =>
        double.IsFinite(value) ? double.Parse(value.ToString("G3", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) : throw new ArgumentException($"{value} is no measurement", nameof(value));

    private static readonly JsonSerializerOptions Json = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
