using Mlp.Tests;

namespace Mlp.Architecture.Tests;

public sealed class ReferenceTests
{
    // The host composes: only there do these live.
    private static readonly string[] Composing = ["Mlp.AspNetCore", "Mlp.Registry.Server", "Mlp.Cli"];

    private static readonly string[] OfTheHost =
    [
        "Microsoft.Extensions.DependencyInjection", "Microsoft.Extensions.Logging", "Microsoft.Extensions.Configuration", "Microsoft.Extensions.Hosting",
        "Microsoft.Extensions.Options", "Microsoft.AspNetCore",
    ];

    private static readonly string[] OfTests = ["xunit", "CsCheck", "BenchmarkDotNet", "Microsoft.NET.Test", "coverlet"];

    private static readonly Lazy<ReferenceLaw> Page = new(() => ReferenceLaw.Read(File.ReadAllText(Checkout.At("docs", "architecture.md"))));

    private static (string From, string To)[] StatedArrows() =>
        [.. Repository.Libraries.SelectMany(p => p.ProjectReferences.Select(r => (p.Name, Path.GetFileNameWithoutExtension(r))))];

    private static (string From, string To)[] CompiledArrows() =>
        [.. Repository.Libraries.SelectMany(p => AssemblyReferences.Of(p.Name).Where(r => r.StartsWith("Mlp.", StringComparison.Ordinal)).Select(r => (p.Name, r)))];

    [Fact]
    public void Project_files_reference_only_whom_the_architecture_page_allows() =>
        Law.Holds(Page.Value.Violations(StatedArrows()));

    [Fact]
    public void Compiled_libraries_use_only_whom_the_architecture_page_allows()
    {
        var arrows = CompiledArrows();
        Assert.NotEmpty(arrows);
        Law.Holds(Page.Value.Violations(arrows));
    }

    [Fact]
    public void The_architecture_page_names_nobody_whom_a_library_does_not_know() =>
        Law.Holds(Page.Value.Unused([.. StatedArrows(), .. CompiledArrows()]));

    [Fact]
    public void A_project_file_references_no_library_that_its_code_does_not_use() =>
        Law.Holds(Repository.Libraries.SelectMany(p => p.LinkedReferences.Select(r => Path.GetFileNameWithoutExtension(r)!).Except(AssemblyReferences.Of(p.Name)).Select(r => $"{p.Name} references {r} and does not use it.")));

    [Fact]
    public void Every_library_has_a_row_in_the_architecture_page_and_every_row_a_library() =>
        Assert.Equal(Repository.Libraries.Select(p => p.Name).Order(StringComparer.Ordinal), Page.Value.Projects.Order(StringComparer.Ordinal));

    [Fact]
    public void Features_and_Inference_never_know_each_other_not_even_through_others()
    {
        var arrows = StatedArrows();
        Assert.DoesNotContain("Mlp.Inference", ReferenceLaw.Reach("Mlp.Features", arrows));
        Assert.DoesNotContain("Mlp.Features", ReferenceLaw.Reach("Mlp.Inference", arrows));
    }

    [Fact]
    public void A_library_references_projects_of_the_source_folder_only()
    {
        var source = Checkout.At("src") + Path.DirectorySeparatorChar;
        Law.Holds(Repository.Libraries.SelectMany(p => p.ProjectReferences.Where(r => !r.StartsWith(source, StringComparison.Ordinal)).Select(r => $"{p.Name} references {r}")));
    }

    [Fact]
    public void A_library_uses_nothing_that_belongs_to_tests() =>
        Law.Holds(Uses(_ => true, OfTests));

    [Fact]
    public void Dependency_injection_logging_and_configuration_live_in_the_host_only() =>
        Law.Holds(Uses(p => !Composing.Contains(p.Name), OfTheHost));

    [Fact]
    public void An_arrow_that_no_row_allows_is_found()
    {
        var law = ReferenceLaw.Read("| `Mlp.Low` | x | nothing |\n| `Mlp.High` | y | Low |\n| `Mlp.Top` | z | Low, High |\n");
        Assert.Empty(law.Violations([("Mlp.High", "Mlp.Low"), ("Mlp.Top", "Mlp.Low"), ("Mlp.Top", "Mlp.High")]));
        Assert.Equal(["Mlp.Low knows Mlp.High; it may know nothing."], law.Violations([("Mlp.Low", "Mlp.High")]));
        Assert.Equal(["Mlp.New has no row in docs/architecture.md."], law.Violations([("Mlp.New", "Mlp.Low")]));
    }

    [Fact]
    public void A_row_that_names_somebody_whom_nobody_uses_is_found()
    {
        var law = ReferenceLaw.Read("| `Mlp.Low` | x | nothing |\n| `Mlp.High` | y | Low |\n");
        Assert.Empty(law.Unused([("Mlp.High", "Mlp.Low")]));
        Assert.Equal(["The row of Mlp.High names Mlp.Low, which it does not know."], law.Unused([("Mlp.Low", "Mlp.High")]));
    }

    [Fact]
    public void A_row_cannot_allow_everything() =>
        Assert.Throws<FormatException>(() => ReferenceLaw.Read("| `Mlp.Low` | x | nothing |\n| `Mlp.Top` | z | all of them |\n"));

    [Fact]
    public void A_page_that_names_a_project_without_a_row_is_refused()
    {
        Assert.Throws<FormatException>(() => ReferenceLaw.Read("| `Mlp.High` | y | Low |\n"));
        Assert.Throws<FormatException>(() => ReferenceLaw.Read("no table"));
    }

    [Fact]
    public void A_way_through_a_third_project_is_found() =>
        Assert.Equal(["b", "c"], ReferenceLaw.Reach("a", [("a", "b"), ("b", "c"), ("d", "a")]).Order(StringComparer.Ordinal));

    private static IEnumerable<string> Uses(Func<SourceProject, bool> which, string[] banned) =>
        from project in Repository.Libraries.Where(which)
        from used in AssemblyReferences.Of(project.Name).Concat(project.Packages)
        where banned.Any(b => used.StartsWith(b, StringComparison.OrdinalIgnoreCase))
        select $"{project.Name} uses {used}";
}
