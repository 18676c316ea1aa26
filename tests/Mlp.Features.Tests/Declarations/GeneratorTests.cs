using System.Runtime.InteropServices;
using System.Text;
using CsCheck;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Mlp.Features.Generators;

namespace Mlp.Features.Tests.Declarations;

public class GeneratorTests
{
    private static readonly MetadataReference[] References = [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(p => MetadataReference.CreateFromFile(p))];

    private const string Key = " [Entity(\"e\")] partial record struct K(long Id);";

    [Theory]
    [InlineData("MLP101", "[FeatureView<K>(\"v\")] record R(float A);")]
    [InlineData("MLP101", "class Outer { [FeatureView<K>(\"v\")] partial record R(float A); }")]
    [InlineData("MLP101", "[Entity(\"x\")] record struct X(long A);")]
    [InlineData("MLP101", "static class X { [OnDemandView(\"o\", \"1\")] static float F(DateTime t) => 1; }")]
    [InlineData("MLP102", "[FeatureView<K>(\"v\")] partial record R<T>(float A);")]
    [InlineData("MLP103", "[FeatureView<K>(\"v\")] partial record R(decimal A);")]
    [InlineData("MLP103", "[FeatureView<K>(\"v\")] partial record R(float[,] A);")]
    [InlineData("MLP103", "[FeatureView<K>(\"v\")] partial record R(float?[] A);")]
    [InlineData("MLP103", "[FeatureView<K>(\"v\")] partial record R(string?[] A);")]
    [InlineData("MLP103", "[FeatureView<K>(\"v\")] partial record R(DayOfWeek[] A);")]
    [InlineData("MLP103", "[FeatureView<K>(\"v\")] partial record R(System.Collections.Generic.List<float> A);")]
    [InlineData("MLP104", "[FeatureView<K>(\"v\")] partial record R;")]
    [InlineData("MLP104", "[FeatureView<K>(\"v\")] partial class R { public float Twice => 2; }")]
    [InlineData("MLP105", "[FeatureView<K>(\"v\")] partial class R { public float A { get; } }")]
    [InlineData("MLP105", "[FeatureView<K>(\"v\")] partial class R { public float A { get; private set; } }")]
    [InlineData("MLP106", "[FeatureView<K>(\"v\")] partial class R(int n) { public float A { get; set; } = n; }")]
    [InlineData("MLP106", "[FeatureView<K>(\"v\")] abstract partial record R(float A);")]
    [InlineData("MLP107", "[FeatureView<K>(\"a view\")] partial record R(float A);")]
    [InlineData("MLP107", "[FeatureView<K>(\"v\", Source = \"1\")] partial record R(float A);")]
    [InlineData("MLP107", "[FeatureView<K>(\"v\", TimeColumn = \"a\")] partial record R(float A);")]
    [InlineData("MLP107", "[FeatureView<K>(\"v\")] partial record R(float A, [Column(\"a\")] float B);")]
    [InlineData("MLP107", "[FeatureView<K>(\"v\")] partial record R(float Größe);")]
    [InlineData("MLP107", "[FeatureView<K>(\"v\")] partial record R(float Id);")]
    [InlineData("MLP107", "[Entity(\"\")] partial record struct X(long A);")]
    [InlineData("MLP107", "static partial class X { [OnDemandView(\"o\", \"\")] static float F(DateTime t) => 1; }")]
    [InlineData("MLP107", "static partial class X { [OnDemandView(\"o\", \"1\")] static float F([FromRequest(Name = \"a b\")] float a) => 1; }")]
    [InlineData("MLP108", "[FeatureView<K>(\"v\")] partial record R([property: Vector(2)] float A);")]
    [InlineData("MLP108", "[FeatureView<K>(\"v\")] partial record R([Vector(0)] float[] A);")]
    [InlineData("MLP108", "[FeatureView<K>(\"v\")] partial record R([Vector(16385)] float[] A);")]
    [InlineData("MLP108", "[FeatureView<K>(\"v\")] partial record R([Vector(2)] string[] A);")]
    [InlineData("MLP109", "[FeatureView<K>(\"v\")] partial record R([Category(\"a\")] int A);")]
    [InlineData("MLP109", "[FeatureView<K>(\"v\")] partial record R([Category(\"a\", \"a\")] string A);")]
    [InlineData("MLP109", "[FeatureView<K>(\"v\")] partial record R([Category(\"\")] string A);")]
    [InlineData("MLP109", "[FeatureView<K>(\"v\")] partial record R([Category] string A);")]
    [InlineData("MLP109", "enum E { A = 1, B = 1 } [FeatureView<K>(\"v\")] partial record R(E A);")]
    [InlineData("MLP109", "enum E; [FeatureView<K>(\"v\")] partial record R(E A);")]
    [InlineData("MLP110", "[FeatureView<K>(\"v\")] partial record R([Default(\"x\")] float A);")]
    [InlineData("MLP110", "[FeatureView<K>(\"v\")] partial record R([Default(1.5)] int A);")]
    [InlineData("MLP110", "[FeatureView<K>(\"v\")] partial record R([Default(300)] byte A);")]
    [InlineData("MLP110", "[FeatureView<K>(\"v\")] partial record R([Default(-1)] ulong A);")]
    [InlineData("MLP110", "[FeatureView<K>(\"v\")] partial record R([Category(\"a\"), Default(\"b\")] string A);")]
    [InlineData("MLP110", "[FeatureView<K>(\"v\")] partial record R([Default(1)] DayOfWeek A);")]
    [InlineData("MLP110", "[FeatureView<K>(\"v\")] partial record R([Default(\"soon\")] DateTime A);")]
    [InlineData("MLP110", "[FeatureView<K>(\"v\")] partial record R([Default(\"x\")] Guid A);")]
    [InlineData("MLP110", "[FeatureView<K>(\"v\")] partial record R([Vector(2), Default(1)] float[] A);")]
    [InlineData("MLP111", "[FeatureView<K>(\"v\", TimeToLive = \"a day\")] partial record R(float A);")]
    [InlineData("MLP111", "[FeatureView<K>(\"v\", TimeToLive = \"-01:00:00\")] partial record R(float A);")]
    [InlineData("MLP118", "[FeatureView<K>(\"v\", CreatedColumn = \"b\")] partial record R(DateTime A);")]
    [InlineData("MLP118", "[FeatureView<K>(\"v\", CreatedColumn = \"a\")] partial record R(long A);")]
    [InlineData("MLP118", "[FeatureView<K>(\"v\", CreatedColumn = \"a\")] partial record R(DateTime[] A);")]
    [InlineData("MLP118", "[FeatureView<K>(\"v\", RetractsColumn = \"a\")] partial record R(int A);")]
    [InlineData("MLP112", "[FeatureView<string>(\"v\")] partial record R(float A);")]
    [InlineData("MLP113", "[Entity(\"x\")] partial record struct X(float A);")]
    [InlineData("MLP113", "[Entity(\"x\")] partial record struct X(string? A);")]
    [InlineData("MLP113", "[Entity(\"x\")] partial record struct X(long? A);")]
    [InlineData("MLP113", "[Entity(\"x\")] partial record struct X(ulong A);")]
    [InlineData("MLP113", "[Entity(\"x\")] partial record struct X(DayOfWeek A);")]
    [InlineData("MLP113", "[Entity(\"x\")] partial record struct X(string[] A);")]
    [InlineData("MLP114", "[FeatureView<K>(\"v\")] partial record R(float View);")]
    [InlineData("MLP114", "[FeatureView<K>(\"v\")] partial record R(float? A, bool HasA);")]
    [InlineData("MLP114", "[FeatureView<K>(\"v\")] partial record R([Vector(2)] float[] A, bool SetA);")]
    [InlineData("MLP114", "[Entity(\"x\")] partial record struct X(string Entity);")]
    [InlineData("MLP114", "static partial class X { static int FView; [OnDemandView(\"o\", \"1\")] static float F(DateTime t) => FView; }")]
    [InlineData("MLP115", "partial class X { [OnDemandView(\"o\", \"1\")] float F(DateTime t) => 1; }")]
    [InlineData("MLP115", "static partial class X { [OnDemandView(\"o\", \"1\")] static float F<T>(DateTime t) => 1; }")]
    [InlineData("MLP115", "static partial class X { [OnDemandView(\"o\", \"1\")] static string F(DateTime t) => \"\"; }")]
    [InlineData("MLP115", "static partial class X { [OnDemandView(\"o\", \"1\")] static (float, float) F(DateTime t) => (1, 2); }")]
    [InlineData("MLP115", "static partial class X { [OnDemandView(\"o\", \"1\")] static void F(DateTime t) { } }")]
    [InlineData("MLP116", "static partial class X { [OnDemandView(\"o\", \"1\")] static float F(float a) => a; }")]
    [InlineData("MLP116", "static partial class X { [OnDemandView(\"o\", \"1\")] static float F([FromRequest] string a) => 1; }")]
    [InlineData("MLP116", "static partial class X { [OnDemandView(\"o\", \"1\")] static float F([FromRequest] ReadOnlySpan<float> a) => 1; }")]
    [InlineData("MLP116", "static partial class X { [OnDemandView(\"o\", \"1\")] static float F([FromRequest, FromView(\"a.b\")] float a) => 1; }")]
    [InlineData("MLP116", "static partial class X { [OnDemandView(\"o\", \"1\")] static float F([FromRequest] ref float a) => 1; }")]
    [InlineData("MLP117", "static partial class X { [OnDemandView(\"o\", \"1\")] static float F([FromView(\"a\")] float a) => 1; }")]
    [InlineData("MLP117", "[FeatureView<K>(\"v\")] partial record R(float A); static partial class X { [OnDemandView(\"o\", \"1\")] static float F([FromView<R>(\"B\")] float a) => 1; }")]
    [InlineData("MLP117", "[FeatureView<K>(\"v\")] partial record R(string A); static partial class X { [OnDemandView(\"o\", \"1\")] static float F([FromView<R>(\"A\")] float a) => 1; }")]
    [InlineData("MLP117", "[FeatureView<K>(\"v\")] partial record R([Vector(2)] float[] A); static partial class X { [OnDemandView(\"o\", \"1\")] static float F([FromView<R>(\"A\")] float a) => 1; }")]
    [InlineData("MLP117", "static partial class X { [OnDemandView(\"o\", \"1\")] static float F([FromView<string>(\"A\")] float a) => 1; }")]
    public void What_cannot_be_declared_is_reported_where_it_stands(string id, string code)
    {
        var result = Run(code + Key).Result;
        var found = Assert.Single(result.Diagnostics);
        Assert.Equal((id, DiagnosticSeverity.Error, "row.cs"), (found.Id, found.Severity, found.Location.GetLineSpan().Path));
    }

    [Theory]
    [InlineData("[FeatureView<K>(\"v\")] partial record R(float A);")]
    [InlineData("[FeatureView<K>(\"v\")] partial record struct R(string? @class, int[]? @event, [Vector(2)] Half[]? Block, [Category(\"a \\\" b\", \"\\u00fc\")] string? @int);")]
    [InlineData("[FeatureView<K>(\"v\", CreatedColumn = \"a\", RetractsColumn = \"b\")] partial record R(DateTime A, long B);")]
    [InlineData("[FeatureView<K>(\"v\", RetractsColumn = \"a\")] partial record R(DateTime? A);")]
    [InlineData("partial class Outer { internal partial struct Inner { [FeatureView<K>(\"v\")] internal partial class R { public required string A { get; init; } public bool? B { get; set; } } } }")]
    [InlineData("namespace A.B { enum E { @class, Other } [FeatureView<K>(\"v\", TimeToLive = \"30.00:00:00\", Tags = [\"a\", \"b\"])] partial record R(E Sort, [Default(E.@class)] E? Other); }")]
    [InlineData("[Entity(\"x\")] public sealed partial record X(string A, Guid B, byte C); [FeatureView<X>(\"v\")] public partial record R(System.DateTime[] Times, Guid? Id);")]
    [InlineData("static partial class X { [OnDemandView(\"o\", \"1\")] internal static (bool IsLate, double Share) F(DateTime time, [FromView(\"v.a\")] in float a, [FromView(\"v.b\")] float? b, [FromView(\"v.c\")] ReadOnlySpan<float> c, [FromRequest] float? d) => (a > b, c.Length + d ?? 0); }")]
    public void What_is_generated_compiles_without_a_warning(string code)
    {
        var (compilation, result) = Run(code + Key);
        Assert.Empty(result.Diagnostics);
        Assert.Empty(compilation.GetDiagnostics().Where(d => d.Severity >= DiagnosticSeverity.Warning && d.Id != "CS5001"));
    }

    [Fact]
    public void The_digest_and_the_layout_of_any_declaration_are_those_of_run_time()
    {
        var random = new Random(1);
        var code = new StringBuilder();
        for (var r = 0; r < 40; r++)
        {
            code.Append($"[FeatureView<K>(\"v{r}\")] public partial record R{r}({string.Join(", ", Enumerable.Range(0, random.Next(1, 80)).Select(c => Declaration(random, c)))});\n");
        }

        var (compilation, result) = Run(code.ToString() + "[Entity(\"e\")] public partial record struct K(long Id); public enum E { Red, Green, Blue }");
        Assert.Empty(result.Diagnostics);
        using var bytes = new MemoryStream();
        var emitted = compilation.Emit(bytes, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(emitted.Success, string.Join('\n', emitted.Diagnostics.Take(5)));
        var assembly = System.Reflection.Assembly.Load(bytes.ToArray());
        for (var r = 0; r < 40; r++)
        {
            var type = assembly.GetType($"R{r}")!;
            var schema = (RowSchema)type.GetProperty("Schema")!.GetValue(null)!;
            var row = type.GetNestedType("Row")!;
            Assert.Equal(schema.Digest, type.GetField("SchemaDigest")!.GetValue(null));
            Assert.Equal((schema.FixedBytes, schema.FixedBytes, schema.FloatCount), (row.StructLayoutAttribute!.Size, (int)row.GetField("FixedBytes")!.GetValue(null)!, (int)row.GetField("FloatCount")!.GetValue(null)!));
            var offsets = row.GetFields(System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)
                .Where(f => f.Name.StartsWith("__c", StringComparison.Ordinal))
                .Select(f => f.GetCustomAttributesData().Single(a => a.AttributeType == typeof(FieldOffsetAttribute)).ConstructorArguments[0].Value);
            Assert.Equal(schema.Fields.ToArray().Select(f => (object)f.Offset), offsets);
        }
    }

    [Fact]
    public void A_number_is_written_as_run_time_writes_it() =>
        Gen.OneOf(Gen.Double, Gen.Int.Select(i => i / 8.0), Gen.Float.Select(f => (double)f), Gen.Int[-320, 308].Select(e => Math.Pow(10, e))).Sample(
            value => Assert.Equal(value.ToString("R", System.Globalization.CultureInfo.InvariantCulture), RoundTripOf(value)), iter: 20000);

    [Theory]
    [InlineData("MeanFare", "mean_fare")]
    [InlineData("A", "a")]
    [InlineData("mean_fare", "mean_fare")]
    [InlineData("MeanFare7d", "mean_fare7d")]
    [InlineData("HttpURL", "http_url")]
    [InlineData("HTTPCount", "http_count")]
    [InlineData("X2Y", "x2_y")]
    public void A_column_is_named_as_its_property_in_lower_case_with_underscores(string property, string column)
    {
        var text = Run($"[FeatureView<K>(\"v\")] partial record R(float {property});{Key}").Result.GeneratedTrees.Single(t => t.FilePath.EndsWith("R.Row.g.cs", StringComparison.Ordinal)).ToString();
        Assert.Contains($"Column.Of(\"{column}\", ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_edit_elsewhere_makes_no_code_anew()
    {
        var compilation = Compilation("[FeatureView<K>(\"v\")] partial record R(float A, [Default(1)] int? B); static partial class X { [OnDemandView(\"o\", \"1\")] static float F([FromView(\"v.a\")] float a) => a; }" + Key);
        GeneratorDriver driver = CSharpGeneratorDriver.Create(
            [new DefinitionGenerator().AsSourceGenerator()], driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
        driver = driver.RunGenerators(compilation, TestContext.Current.CancellationToken);
        driver = driver.RunGenerators(compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText("class Other;", path: "other.cs", cancellationToken: TestContext.Current.CancellationToken)), TestContext.Current.CancellationToken);
        var steps = driver.GetRunResult().Results[0].TrackedSteps[DefinitionGenerator.ReadStep];
        Assert.Equal(3, steps.Length);
        Assert.All(steps.SelectMany(s => s.Outputs), o => Assert.True(o.Reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged, $"{o.Reason}"));
    }

    private static string RoundTripOf(double value)
    {
        var method = typeof(DefinitionGenerator).Assembly.GetType("Mlp.Features.Generators.Code")!.GetMethod("RoundTrip")!;
        return (string)method.Invoke(null, [value])!;
    }

    private static string Declaration(Random random, int index)
    {
        string[] types = ["bool", "sbyte", "short", "int", "long", "byte", "ushort", "uint", "ulong", "System.Half", "float", "double", "string", "E", "System.DateTime", "System.Guid"];
        var type = types[random.Next(types.Length)];
        var form = random.Next(6);
        var isArray = form < 2 && type != "E";
        var attributes = isArray && form == 0 && type is not ("string" or "System.DateTime" or "System.Guid") ? $"[Vector({random.Next(1, 9)})] " : "";
        var value = isArray || random.Next(3) > 0 ? null : type switch
        {
            "bool" => random.Next(2) == 0 ? "true" : "false",
            "System.Half" or "float" or "double" => ((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-20, 20))).ToString("R", System.Globalization.CultureInfo.InvariantCulture),
            "string" => $"\"x {random.Next()}, = (y)? é\"",
            "E" => "E.Green",
            "System.DateTime" => $"\"20{random.Next(10, 99)}-03-0{random.Next(1, 9)}T10:11:12.{random.Next(100000, 999999)}Z\"",
            "System.Guid" => $"\"{Guid.NewGuid()}\"",
            _ => random.Next(100).ToString(System.Globalization.CultureInfo.InvariantCulture),
        };
        return $"{attributes}{(value is null ? "" : $"[Default({value})] ")}{type}{(isArray ? "[]" : "")}{(random.Next(3) == 0 ? "?" : "")} C{index}";
    }

    private static (Compilation Compilation, GeneratorDriverRunResult Result) Run(string code)
    {
        var driver = CSharpGeneratorDriver.Create(new DefinitionGenerator()).RunGeneratorsAndUpdateCompilation(Compilation(code), out var compilation, out _);
        return (compilation, driver.GetRunResult());
    }

    private static CSharpCompilation Compilation(string code)
    {
        return CSharpCompilation.Create("declared", [CSharpSyntaxTree.ParseText(code, path: "row.cs"), CSharpSyntaxTree.ParseText("global using System; global using Mlp.Features;", path: "usings.cs")], References, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
    }
}
