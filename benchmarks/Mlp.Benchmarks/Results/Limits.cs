using System.Text.Json;

namespace Mlp.Benchmarks;

/// <summary>The ratios that figures must hold (benchmarks/limits.json). A limit only ever tightens.</summary>
internal sealed class Limits
{
    private readonly Dictionary<string, Dictionary<string, double>> _ratios;

    private Limits(Dictionary<string, Dictionary<string, double>> ratios) => _ratios = ratios;

    public static Limits Read(string path) =>
        new(JsonSerializer.Deserialize<Dictionary<string, Dictionary<string, double>>>(File.ReadAllText(path)) ?? throw new JsonException($"{path} is empty"));

    /// <summary>Every limit: benchmark and case.</summary>
    public IEnumerable<(string Bench, string Case)> Names => _ratios.SelectMany(b => b.Value.Keys.Select(c => (b.Key, c)));

    /// <summary>The limit of a figure; null where it has none.</summary>
    public double? Of(Figure figure) => _ratios.TryGetValue(figure.Bench, out var cases) && cases.TryGetValue(figure.Case, out var ratio) ? ratio : null;

    /// <summary>Whether a figure falls short.</summary>
    public bool IsBroken(Figure figure) => Of(figure) is { } limit && !(figure.Ratio <= limit);
}
