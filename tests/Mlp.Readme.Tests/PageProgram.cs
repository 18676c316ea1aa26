using System.Globalization;
using System.Reflection;
using System.Reflection.PortableExecutable;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Mlp.Readme.Tests;

/// <summary>Blocks of a page, compiled as one program against the libraries.</summary>
internal static class PageProgram
{
    private static readonly CSharpParseOptions Options = new(LanguageVersion.Preview);

    private static readonly string[] Implied =
    [
        "System", "System.IO", "System.Linq", "System.Collections.Generic", "System.Net.Http", "System.Threading", "System.Threading.Tasks",
        "Microsoft.AspNetCore.Builder", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Http", "Microsoft.AspNetCore.Routing",
        "Microsoft.Extensions.Configuration", "Microsoft.Extensions.DependencyInjection", "Microsoft.Extensions.Hosting", "Microsoft.Extensions.Logging",
    ];

    /// <summary>Compiles; an error is reported with the page and its line.</summary>
    public static (Assembly? Assembly, IReadOnlyList<string> Errors) Compile(IReadOnlyList<CodeBlock> blocks)
    {
        var libraries = Directory.EnumerateFiles(AppContext.BaseDirectory, "Mlp.*.dll").Where(path => !path.EndsWith(".Tests.dll", StringComparison.Ordinal)).Select(Path.GetFileNameWithoutExtension);
        var chosen = blocks.SelectMany(b => CSharpSyntaxTree.ParseText(b.Code, Options).GetCompilationUnitRoot().Usings).Any(u => u.Name?.ToString().StartsWith("Mlp.", StringComparison.Ordinal) == true);
        var usings = Implied.Concat(chosen ? [] : libraries.SelectMany(name => Namespaces(name!))).Distinct().Select(n => $"global using {n};");
        var written = CSharpCompilation.Create(
            $"page-{Guid.NewGuid():N}",
            [CSharpSyntaxTree.ParseText(string.Join('\n', usings), Options), CSharpSyntaxTree.ParseText(SourceOf(blocks), Options, "page.cs")],
            References.Value,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable, allowUnsafe: true));
        CSharpGeneratorDriver.Create([new Mlp.Inference.Generators.PredictorGenerator().AsSourceGenerator(), new Mlp.Features.Generators.DefinitionGenerator().AsSourceGenerator()], parseOptions: Options).RunGeneratorsAndUpdateCompilation(written, out var compilation, out var found);
        if (found.Any(d => d.Severity == DiagnosticSeverity.Error))
        {
            return (null, [.. found.Select(Describe)]);
        }

        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        var errors = result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Select(Describe).ToArray();
        return (result.Success ? Assembly.Load(image.ToArray()) : null, errors);
    }

    /// <summary>Runs a program to its end and gives what it printed.</summary>
    public static async Task<string> RunAsync(Assembly program)
    {
        var before = Console.Out;
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        Console.SetOut(output);
        try
        {
            // An async program's entry point is the compiler's own, which waits for it: on a thread of its own nothing else waits.
            await Task.Run(() => program.EntryPoint!.Invoke(null, program.EntryPoint.GetParameters().Length == 0 ? null : [Array.Empty<string>()]));
        }
        finally
        {
            Console.SetOut(before);
        }

        return output.ToString();
    }

    // A program has its usings first, then its statements, then its types, in whatever order a page shows them.
    private static string SourceOf(IReadOnlyList<CodeBlock> blocks)
    {
        StringBuilder usings = new(), statements = new(), types = new();
        foreach (var block in blocks)
        {
            var root = CSharpSyntaxTree.ParseText(block.Code, Options).GetCompilationUnitRoot();
            foreach (var item in root.Usings)
            {
                Append(usings, block, item);
            }

            foreach (var member in root.Members)
            {
                Append(member is GlobalStatementSyntax ? statements : types, block, member);
            }

            // What is left over at the end (an unmatched brace) has to fail as it would in a file.
            if (root.EndOfFileToken.LeadingTrivia.Any(SyntaxKind.SkippedTokensTrivia))
            {
                Append(statements, block, root.EndOfFileToken);
            }
        }

        return $"{usings}{statements}{(statements.Length == 0 ? ";\n" : "")}{types}";
    }

    private static void Append(StringBuilder to, CodeBlock block, SyntaxNodeOrToken part)
    {
        var line = block.Line + part.SyntaxTree!.GetLineSpan(part.FullSpan).StartLinePosition.Line;
        to.Append(CultureInfo.InvariantCulture, $"#line {line} \"{block.Page}\"\n{part.ToFullString()}\n");
    }

    private static string Describe(Diagnostic diagnostic)
    {
        var at = diagnostic.Location.GetMappedLineSpan();
        return $"{at.Path}({at.StartLinePosition.Line + 1}): {diagnostic.Id}: {diagnostic.GetMessage(CultureInfo.InvariantCulture)}";
    }

    private static IEnumerable<string> Namespaces(string assembly) =>
        Assembly.Load(assembly).GetExportedTypes().Select(t => t.Namespace).OfType<string>().Where(n => n.StartsWith("Mlp.", StringComparison.Ordinal)).Distinct();

    private static readonly Lazy<MetadataReference[]> References = new(() =>
    {
        var core = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        string[] folders = [core, core.Replace("Microsoft.NETCore.App", "Microsoft.AspNetCore.App", StringComparison.Ordinal), AppContext.BaseDirectory];
        return [.. folders.Where(Directory.Exists).SelectMany(f => Directory.EnumerateFiles(f, "*.dll")).Where(IsManaged).DistinctBy(Path.GetFileName).Select(p => MetadataReference.CreateFromFile(p))];
    });

    private static bool IsManaged(string path)
    {
        using var reader = new PEReader(File.OpenRead(path));
        return reader.HasMetadata;
    }
}
