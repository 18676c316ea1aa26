using System.Text.Json;

namespace Mlp.Monitoring;

/// <summary>Floating-point numbers in JSON: NaN and the infinities are the strings "NaN", "Infinity" and "-Infinity", so that they survive.</summary>
internal static class JsonReals
{
    public static double? Named(string text) => text switch
    {
        "NaN" => double.NaN,
        "Infinity" => double.PositiveInfinity,
        "-Infinity" => double.NegativeInfinity,
        _ => null,
    };

    public static void WriteReal(this Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteString(name, double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
        }
    }
}
