using Mlp.Tests;

namespace Mlp.Architecture.Tests;

public sealed class HouseRuleTests
{
    private const string BannedSymbols = "BannedSymbols.HotPath.txt";
    private static readonly string[] HotPath = ["Mlp.Kernels", "Mlp.Edge"];

    [Fact]
    public void Projects_on_the_hot_path_keep_the_list_of_banned_symbols()
    {
        foreach (var name in HotPath)
        {
            var project = Repository.Libraries.Single(p => p.Name == name);
            Assert.Contains("Microsoft.CodeAnalysis.BannedApiAnalyzers", project.Packages);
            Assert.Contains(BannedSymbols, project.AdditionalFiles);
        }
    }

    [Fact]
    public void The_list_of_banned_symbols_bans_what_the_hot_path_may_not_do()
    {
        var banned = File.ReadAllLines(Checkout.At("eng", BannedSymbols)).Select(line => line.Split(';')[0]);
        Assert.Superset(new HashSet<string> { "N:System.Linq", "P:System.DateTime.Now", "P:System.DateTime.UtcNow", "M:System.Threading.Thread.Sleep(System.Int32)" }, banned.ToHashSet());
    }

    [Fact]
    public void Every_library_with_code_has_a_page()
    {
        var missing = Repository.Libraries.Where(p => p.Files().Any()).Where(p => !File.Exists(Checkout.At("docs", PageOf(p.Name)))).Select(p => $"{p.Name} lacks docs/{PageOf(p.Name)}");
        Law.Holds(missing);
    }

    [Fact]
    public void Client_and_server_of_the_registry_share_a_page()
    {
        Assert.Equal("registry.md", PageOf("Mlp.Registry.Client"));
        Assert.Equal("registry.md", PageOf("Mlp.Registry.Server"));
        Assert.Equal("core.md", PageOf("Mlp.Core"));
        Assert.Equal("inference.md", PageOf("Mlp.Inference.Generators"));
        Assert.Equal("features.md", PageOf("Mlp.Features.Generators"));
    }

    [Fact]
    public void Versions_of_packages_are_stated_centrally()
    {
        string[] roots = ["src", "tests", "samples", "benchmarks"];
        var own = roots.Where(r => Directory.Exists(Checkout.At(r)))
            .SelectMany(r => Directory.EnumerateFiles(Checkout.At(r), "*.csproj", SearchOption.AllDirectories))
            .Where(path => File.ReadAllText(path) is var text && (text.Contains("VersionOverride", StringComparison.Ordinal) || System.Text.RegularExpressions.Regex.IsMatch(text, "<PackageReference[^>]*Version=")));
        Law.Holds(own);
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = File.ReadAllText(Checkout.At("Mlp.sln")).Replace('\\', '/');
        string[] roots = ["src", "tests", "samples", "benchmarks"];
        var missing = roots.SelectMany(Repository.ProjectsUnder).Select(p => Path.GetRelativePath(Checkout.Root, Path.Combine(p.Folder, $"{p.Name}.csproj")).Replace('\\', '/')).Where(path => !solution.Contains(path, StringComparison.Ordinal));
        Law.Holds(missing);
    }

    private static string PageOf(string library) =>
        library.StartsWith("Mlp.Registry.", StringComparison.Ordinal) ? "registry.md" : $"{library["Mlp.".Length..].Replace(".Generators", "", StringComparison.Ordinal).Replace('.', '-').ToLowerInvariant()}.md";
}
