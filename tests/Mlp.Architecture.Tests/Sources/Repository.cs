using Mlp.Tests;

namespace Mlp.Architecture.Tests;

/// <summary>The projects of the checkout.</summary>
internal static class Repository
{
    /// <summary>All libraries.</summary>
    public static IReadOnlyList<SourceProject> Libraries { get; } = ProjectsUnder("src");

    public static IReadOnlyList<SourceProject> ProjectsUnder(string folder) => Directory.Exists(Checkout.At(folder))
        ? [.. Directory.EnumerateFiles(Checkout.At(folder), "*.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(SourceProject.Read)]
        : [];
}
