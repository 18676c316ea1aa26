using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Mlp.Inference.Generators;

namespace Mlp.Inference.Tests.Predictors;

public class GeneratorTests
{
    [Theory]
    [InlineData("MLP001", "[ModelInput(\"x\")] record struct R(float A);")]
    [InlineData("MLP001", "class Outer { [ModelInput(\"x\")] partial record struct R(float A); }")]
    [InlineData("MLP002", "[ModelInput(\"x\")] partial record struct R<T>(float A);")]
    [InlineData("MLP003", "[ModelInput(\"x\")] partial record struct R(decimal A);")]
    [InlineData("MLP003", "[ModelInput(\"x\")] partial record struct R(float? A);")]
    [InlineData("MLP003", "[ModelInput(\"x\", Width = 2)] partial record struct R(float[,] A);")]
    [InlineData("MLP003", "partial record struct R([ModelOutput(\"y\")] float[,] A);")]
    [InlineData("MLP004", "[ModelInput(\"x\")] partial record struct R(float A, int B);")]
    [InlineData("MLP005", "[ModelInput(\"x\")] partial record struct R;")]
    [InlineData("MLP006", "[ModelInput(\"x\")] partial record struct R([Feature(\"f.a\")] float A, float B);")]
    [InlineData("MLP007", "[ModelOutput(\"y\")] partial class R { public float A { get; } }")]
    [InlineData("MLP008", "partial record struct R([ModelInput(\"x\")] float[] A);")]
    [InlineData("MLP009", "[ModelInput(\"\")] partial record struct R(float A);")]
    [InlineData("MLP009", "[ModelInput(\"x\")] partial record struct R([Feature(\"\")] float A);")]
    [InlineData("MLP010", "partial record struct R([ModelOutput(\"y\", Column = -1)] float A);")]
    [InlineData("MLP010", "partial record struct R([ModelOutput(\"y\", Column = 1)] float A, [ModelOutput(\"y\", Column = 1)] float B);")]
    [InlineData("MLP011", "partial record struct R([ModelOutput(\"y\")] float A, string Remark);")]
    public void What_cannot_be_a_row_is_reported_where_it_stands(string id, string code)
    {
        var (compilation, result) = Run(code);
        var found = Assert.Single(result.Diagnostics, d => d.Id == id);
        Assert.Equal(DiagnosticSeverity.Error, found.Severity);
        Assert.Equal("row.cs", found.Location.GetLineSpan().Path);
        Assert.Empty(result.GeneratedTrees);
        Assert.NotNull(compilation);
    }

    [Theory]
    [InlineData("[ModelInput(\"x\")] partial record struct R(float A, float B);")]
    [InlineData("[ModelInput(\"x\")] [ModelOutput(\"y\")] partial record R(double A);")]
    [InlineData("partial class Outer { internal partial struct Inner { [ModelInput(\"x\")] internal partial class R { public System.Half A { get; set; } } } }")]
    [InlineData("namespace A.B { partial record struct R([property: ModelInput(\"a \\\" b\")] bool @class, [ModelInput(\"c\", Width = 2)] System.Memory<byte> Block, [ModelInput(\"c\")] byte Last); }")]
    [InlineData("[ModelOutput(\"y\")] partial class R { public ulong A { get; init; } public ulong @event { get; set; } }")]
    [InlineData("[ModelInput(\"x\")] partial record struct R { public required int A { get; init; } }")]
    public void What_is_generated_compiles_without_a_warning(string code)
    {
        var (compilation, result) = Run(code);
        Assert.Empty(result.Diagnostics);
        Assert.Single(result.GeneratedTrees);
        Assert.Empty(compilation.GetDiagnostics().Where(d => d.Severity >= DiagnosticSeverity.Warning && d.Id != "CS5001"));
    }

    [Fact]
    public void A_record_s_parameters_are_columns_in_their_order()
    {
        var text = Run("[ModelInput(\"x\")] partial record struct R(float B, float A) { public float C => A + B; }").Result.GeneratedTrees[0].ToString();
        Assert.Contains("to[0] = row.@B;", text, StringComparison.Ordinal);
        Assert.Contains("to[1] = row.@A;", text, StringComparison.Ordinal);
        Assert.Contains("to[2] = row.@C;", text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_edit_elsewhere_makes_no_code_anew()
    {
        var compilation = Compilation("[ModelInput(\"x\")] partial record struct R(float A);");
        GeneratorDriver driver = CSharpGeneratorDriver.Create(
            [new PredictorGenerator().AsSourceGenerator()], driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
        driver = driver.RunGenerators(compilation);
        driver = driver.RunGenerators(compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText("class Other;", path: "other.cs")));
        var steps = driver.GetRunResult().Results[0].TrackedSteps[PredictorGenerator.ReadStep];
        Assert.All(steps.SelectMany(s => s.Outputs), o => Assert.True(o.Reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged, $"{o.Reason}"));
    }

    private static (Compilation Compilation, GeneratorDriverRunResult Result) Run(string code)
    {
        var driver = CSharpGeneratorDriver.Create(new PredictorGenerator()).RunGeneratorsAndUpdateCompilation(Compilation(code), out var compilation, out _);
        return (compilation, driver.GetRunResult());
    }

    private static CSharpCompilation Compilation(string code)
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(p => MetadataReference.CreateFromFile(p));
        return CSharpCompilation.Create("rows", [CSharpSyntaxTree.ParseText(code, path: "row.cs"), CSharpSyntaxTree.ParseText("global using Mlp.Inference;", path: "usings.cs")], references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
    }
}
