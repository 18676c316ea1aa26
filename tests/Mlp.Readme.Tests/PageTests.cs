using Mlp.Core;
using Mlp.Tests;

// The rule for C# in README.md and docs/*.md:
// - A block fenced as `csharp` is a program of its own: statements, `using` lines and types in any order; `await` and `args` may be used.
//   Usings that the SDK implies (those of a web project as well) are there without being written, and all namespaces of Mlp, unless the
//   program writes a `using Mlp...` of its own: then it has to write all that it needs.
// - A block whose first line starts with `// continues` goes on where the page's block before it ended and sees its variables.
// - Blocks of README.md are run as well, in an empty folder that holds `model.onnx`: a classifier with the input
//   `features: float32[batch, 3]` and the outputs `label` and `probabilities`. A program that throws fails the test.
// - docs/end-to-end.md is run as well, on the sample's flights.
namespace Mlp.Readme.Tests;

public sealed class PageTests
{
    public static TheoryData<string> Pages => [.. AllPages()];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_block_of_a_page_compiles(string page)
    {
        var errors = Programs(page).SelectMany(program => PageProgram.Compile(program).Errors).ToArray();
        Assert.True(errors.Length == 0, string.Join('\n', errors));
    }

    [Fact]
    public async Task Every_block_of_the_readme_runs()
    {
        if (!File.Exists(Path.Combine(Root, "README.md")))
        {
            Assert.Skip("there is no README.md yet");
        }

        foreach (var program in Programs("README.md"))
        {
            var (assembly, errors) = PageProgram.Compile(program);
            Assert.True(assembly is not null, string.Join('\n', errors));
            await RunInFolderAsync(assembly);
        }
    }

    [Fact]
    public async Task The_way_from_events_to_a_prediction_runs_on_real_flights()
    {
        var (assembly, errors) = PageProgram.Compile(Assert.Single(Programs("docs/end-to-end.md")));
        Assert.True(assembly is not null, string.Join('\n', errors));
        var output = await RunInFolderAsync(assembly, folder => File.Copy(Checkout.At("samples", "FlightDelay", "data", "flights.parquet"), Path.Combine(folder, "flights.parquet")));
        Assert.Contains("version 1: promoted", output, StringComparison.Ordinal);
        var probability = System.Text.RegularExpressions.Regex.Match(output, @"late with probability (0\.[0-9]+)");
        Assert.True(probability.Success, output);
        Assert.InRange(float.Parse(probability.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture), 0.01f, 0.99f);
    }

    [Fact]
    public async Task A_block_that_continues_another_sees_its_variables_and_runs_after_it()
    {
        const string page = "Text\n```csharp\nvar session = EdgeModel.Load(\"model.onnx\").CreateSession();\n```\nMore\n```csharp\n// continues\nConsole.Write(session.Run([1f, 2f, 3f], output: 1)[1]);\n```\n";
        var (assembly, errors) = PageProgram.Compile(Assert.Single(MarkdownPage.ProgramsOf("planted.md", page)));
        Assert.Empty(errors);
        Assert.Equal("0.880797", (await RunInFolderAsync(assembly!))[..8]);
    }

    [Fact]
    public void A_block_that_does_not_compile_is_reported_with_the_line_of_the_page()
    {
        const string page = "One\n\n```csharp\nvar a = 1;\nvar b = a.NoSuchMember;\n```\n";
        Assert.StartsWith("planted.md(5): CS1061", Assert.Single(Errors(page)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_block_on_its_own_does_not_see_the_one_before() =>
        Assert.StartsWith("planted.md(6): CS0103", Assert.Single(Errors("```csharp\nvar a = 1;\n```\n\n```csharp\nConsole.WriteLine(a);\n```\n")), StringComparison.Ordinal);

    [Fact]
    public void A_brace_too_many_is_reported() =>
        Assert.NotEmpty(Errors("```csharp\nif (true) { } }\n```\n"));

    [Fact]
    public void Types_usings_and_statements_may_come_in_any_order() =>
        Assert.Empty(Errors("```csharp\nrecord Flight(string Origin);\nvar flight = new Flight(\"JFK\");\nawait Task.Delay(0);\n```\n\n```csharp\n// continues\nusing System.Text.Json;\nConsole.WriteLine(JsonSerializer.Serialize(flight));\n```\n"));

    [Fact]
    public void A_program_that_writes_one_namespace_of_Mlp_has_to_write_all_that_it_needs()
    {
        Assert.Empty(Errors("```csharp\nvar model = EdgeModel.Load(ModelPackage.Open(\"p\").ModelPath);\n```\n"));
        Assert.Empty(Errors("```csharp\nusing Mlp.Core;\nusing Mlp.Edge;\nvar model = EdgeModel.Load(ModelPackage.Open(\"p\").ModelPath);\n```\n"));
        Assert.Contains("CS0103", Assert.Single(Errors("```csharp\nusing Mlp.Core;\nvar model = EdgeModel.Load(ModelPackage.Open(\"p\").ModelPath);\n```\n")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_throws_fails()
    {
        var (assembly, _) = PageProgram.Compile(MarkdownPage.ProgramsOf("planted.md", "```csharp\nEdgeModel.Load(\"none.onnx\");\n```\n")[0]);
        await Assert.ThrowsAnyAsync<Exception>(() => RunInFolderAsync(assembly!));
    }

    [Theory]
    [InlineData("```cs\nvar a = 1;\n```\n")]
    [InlineData("```C#\nvar a = 1;\n```\n")]
    [InlineData("```csharp\nvar a = 1;\n")]
    [InlineData("```csharp\n// continues\n```\n")]
    public void A_page_whose_code_would_escape_is_refused(string page) =>
        Assert.Throws<FormatException>(() => MarkdownPage.ProgramsOf("planted.md", page));

    [Fact]
    public void Other_languages_are_left_alone() =>
        Assert.Empty(MarkdownPage.BlocksOf("planted.md", "```bash\n./test\n```\n\n```text\nvar\n```\n"));

    private static string Root { get; } = Checkout.Root;

    private static IEnumerable<string> AllPages()
    {
        string[] readme = File.Exists(Path.Combine(Root, "README.md")) ? ["README.md"] : [];
        return readme.Concat(Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md").Order(StringComparer.Ordinal).Select(path => $"docs/{Path.GetFileName(path)}"));
    }

    private static IReadOnlyList<IReadOnlyList<CodeBlock>> Programs(string page) => MarkdownPage.ProgramsOf(page, File.ReadAllText(Path.Combine(Root, page)));

    private static IReadOnlyList<string> Errors(string page) => [.. MarkdownPage.ProgramsOf("planted.md", page).SelectMany(p => PageProgram.Compile(p).Errors)];

    private static async Task<string> RunInFolderAsync(System.Reflection.Assembly program, Action<string>? prepare = null)
    {
        var folder = Directory.CreateTempSubdirectory("mlp-readme-").FullName;
        var before = Environment.CurrentDirectory;
        try
        {
            var trees = new TreeEnsembleBuilder(featureCount: 3).BeginTree().Branch(NodeMode.LessOrEqual, 0, 0.5f, 1, 2).Leaf(-2f).Leaf(2f);
            await File.WriteAllBytesAsync(Path.Combine(folder, "model.onnx"), TreeEnsembleOnnx.BinaryClassifier(trees.Build(postTransform: PostTransform.Logistic)).Write());
            prepare?.Invoke(folder);
            Environment.CurrentDirectory = folder;
            return await PageProgram.RunAsync(program);
        }
        finally
        {
            Environment.CurrentDirectory = before;
            Directory.Delete(folder, recursive: true);
        }
    }
}
