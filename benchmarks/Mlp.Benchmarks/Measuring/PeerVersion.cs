using System.Text.RegularExpressions;

namespace Mlp.Benchmarks;

/// <summary>The version of a peer's package. Not every assembly states it, so it is read from what the program was built with.</summary>
internal static class PeerVersion
{
    public static string Of(string package)
    {
        var built = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Mlp.Benchmarks.deps.json"));
        var match = Regex.Match(built, $"\"{Regex.Escape(package)}/(?<version>[^\"]+)\"");
        return match.Success ? match.Groups["version"].Value : throw new InvalidOperationException($"This program was not built with the package {package}.");
    }
}
