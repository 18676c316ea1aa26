namespace Mlp.Architecture.Tests;

public sealed class FolderTests
{
    public static TheoryData<string> Libraries => [.. Repository.Libraries.Select(p => p.Name)];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void The_folders_of_a_library_form_no_circle(string library)
    {
        var project = Repository.Libraries.Single(p => p.Name == library);
        var arrows = FolderArrows.Of(project.Name, project.Files(), project.Sdk.EndsWith(".Web", StringComparison.Ordinal));

        // A type that was not found may hide an arrow: then the law would hold by blindness.
        Law.Holds(arrows.Unresolved);
        Law.Holds(arrows.CircleReports());
    }

    [Fact]
    public void Two_folders_that_use_each_other_are_found()
    {
        var report = Assert.Single(Planted(("A/X.cs", "class X { Y? y; }"), ("B/Y.cs", "class Y { X? x; }")).CircleReports());
        Assert.Contains("A, B use each other in a circle", report, StringComparison.Ordinal);
        Assert.Contains("A/X.cs uses Y of B", report, StringComparison.Ordinal);
    }

    [Fact]
    public void A_circle_of_three_through_the_root_is_found() =>
        Assert.Single(Planted(("A/X.cs", "class X { Y? y; }"), ("B/Y.cs", "class Y { Z? z; }"), ("Z.cs", "class Z { X? x; }")).CircleReports());

    [Fact]
    public void Folders_that_use_each_other_one_way_are_none() =>
        Assert.Empty(Planted(("A/X.cs", "class X { Y? y; W? w; }"), ("B/Y.cs", "class Y { W? w; }"), ("B/W.cs", "class W { Y? y; }")).CircleReports());

    [Fact]
    public void A_use_by_an_inferred_type_counts() =>
        Assert.Single(Planted(
            ("A/X.cs", "class X { public int N; void M() { var n = Make.Y().Value; } }"),
            ("C/Make.cs", "static class Make { public static Y Y() => new(); }"),
            ("B/Y.cs", "class Y { public int Value; int m = new X().N; }")).CircleReports(), r => r.Contains("A, B", StringComparison.Ordinal));

    [Fact]
    public void A_use_by_an_extension_method_counts() =>
        Assert.Single(Planted(
            ("A/X.cs", "class X { public int N; int m = 1.Doubled(); }"),
            ("B/Y.cs", "static class Y { public static int Doubled(this int i) => i + new X().N; }")).CircleReports());

    [Fact]
    public void A_folder_within_a_folder_is_one_of_its_own() =>
        Assert.Single(Planted(("A/X.cs", "class X { Y? y; }"), ("A/Inner/Y.cs", "class Y { X? x; }")).CircleReports());

    [Fact]
    public void A_type_that_is_nowhere_is_reported() =>
        Assert.Single(Planted(("A/X.cs", "class X { Nowhere? y; }")).Unresolved);

    private static FolderArrows Planted(params (string Path, string Text)[] files) =>
        FolderArrows.Of("Planted", files.Select(f => new SourceFile(f.Path, $"namespace Planted;\n{f.Text}\n")));
}
