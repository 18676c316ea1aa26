using System.Text.Json;

namespace Mlp.Tests;

/// <summary>The limits of eng/budgets.json. They only shrink.</summary>
internal static class Budgets
{
    public static int Read(string name)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Checkout.At("eng", "budgets.json")));
        return json.RootElement.TryGetProperty(name, out var value)
            ? value.GetInt32()
            : throw new KeyNotFoundException($"eng/budgets.json states no '{name}'.");
    }
}
