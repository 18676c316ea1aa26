using Mlp.Tests;

namespace Mlp.Architecture.Tests;

public sealed class SizeTests
{
    private static readonly string[] Roots = ["src", "tests", "samples", "benchmarks"];

    [Fact]
    public void No_file_is_longer_than_its_budget()
    {
        var most = Budgets.Read("fileLinesMax");
        Assert.True(most <= 500, $"fileLinesMax is {most}: past 500 lines a file is two ideas.");
        var longer = AllFiles().Where(f => CodeSizes.LinesOf(f.File) > most).Select(f => $"{f.Project}/{f.File.Path} has {CodeSizes.LinesOf(f.File)} lines");
        Law.Holds(longer);
    }

    [Fact]
    public void No_method_of_a_library_is_longer_than_its_budget()
    {
        var most = Budgets.Read("methodLinesMax");
        var longer = LibraryMethods().Where(m => m.Lines > most).Select(m => $"{m.Name} has {m.Lines} lines");
        Law.Holds(longer);
    }

    [Fact]
    public void The_budget_for_methods_follows_when_the_longest_becomes_shorter()
    {
        var longest = LibraryMethods().MaxBy(m => m.Lines);
        var most = Budgets.Read("methodLinesMax");
        Assert.True(most - longest.Lines <= 10, $"The longest method is now {longest.Name} with {longest.Lines} lines: lower methodLinesMax in eng/budgets.json from {most}.");
    }

    [Fact]
    public void Lines_of_methods_and_files_are_counted_from_signature_to_brace()
    {
        var file = new SourceFile("A/X.cs", "class X\n{\n    /// <summary>Not counted.</summary>\n    int M()\n    {\n        return 1;\n    }\n\n    int P\n    {\n        get\n        {\n            return 2;\n        }\n    }\n}\n");
        Assert.Equal(16, CodeSizes.LinesOf(file));
        Assert.Equal([("A/X.cs: M", 4), ("A/X.cs: P.get", 4)], CodeSizes.MethodsOf(file));
    }

    private static IEnumerable<(string Project, SourceFile File)> AllFiles() =>
        Roots.SelectMany(Repository.ProjectsUnder).SelectMany(p => p.Files().Select(f => (p.Name, f)));

    private static IEnumerable<(string Name, int Lines)> LibraryMethods() =>
        Repository.Libraries.SelectMany(p => p.Files()).SelectMany(CodeSizes.MethodsOf);
}
