namespace Mlp.Architecture.Tests;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string At(params ReadOnlySpan<string> names) => Path.Combine([Root, .. names]);

    /// <summary>All libraries.</summary>
    public static IReadOnlyList<SourceProject> Libraries { get; } = ProjectsUnder("src");

    public static IReadOnlyList<SourceProject> ProjectsUnder(string folder) => Directory.Exists(At(folder))
        ? [.. Directory.EnumerateFiles(At(folder), "*.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(SourceProject.Read)]
        : [];

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Mlp.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"{AppContext.BaseDirectory} lies in no checkout: no folder above it has Mlp.sln.");
    }
}
