using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Mlp.Architecture.Tests;

/// <summary>One folder's use of another: in which file, and what it uses.</summary>
internal sealed record FolderArrow(string From, string To, string File, string Uses);

/// <summary>
/// Which folder of a project uses which. A project has one namespace, so nothing in the compiled assembly tells folders apart:
/// the sources are compiled anew, and every name is followed to the file that declares it.
/// </summary>
internal sealed class FolderArrows
{
    private static readonly string[] Implied = ["System", "System.IO", "System.Linq", "System.Collections.Generic", "System.Net.Http", "System.Threading", "System.Threading.Tasks"];

    private static readonly string[] ImpliedWeb =
    [
        "System.Net.Http.Json", "Microsoft.AspNetCore.Builder", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Http", "Microsoft.AspNetCore.Routing",
        "Microsoft.Extensions.Configuration", "Microsoft.Extensions.DependencyInjection", "Microsoft.Extensions.Hosting", "Microsoft.Extensions.Logging",
    ];

    private FolderArrows(IReadOnlyList<FolderArrow> arrows, IReadOnlyList<string> unresolved)
    {
        Arrows = arrows;
        Unresolved = unresolved;
    }

    public IReadOnlyList<FolderArrow> Arrows { get; }

    /// <summary>Types that the compilation did not find: where there are any, an arrow may be missing.</summary>
    public IReadOnlyList<string> Unresolved { get; }

    /// <summary>Circles of folders, each with the uses that make it.</summary>
    public IEnumerable<string> CircleReports() => Circles.Of(Arrows.Select(a => (a.From, a.To))).Select(circle =>
        $"{string.Join(", ", circle.Select(f => f.Length == 0 ? "(root)" : f))} use each other in a circle:{string.Concat(Arrows.Where(a => circle.Contains(a.From) && circle.Contains(a.To)).Select(a => $"\n    {a.File} uses {a.Uses} of {(a.To.Length == 0 ? "(root)" : a.To)}"))}");

    public static FolderArrows Of(string assembly, IEnumerable<SourceFile> files, bool web = false)
    {
        var options = new CSharpParseOptions(LanguageVersion.Preview, preprocessorSymbols: ["NET", "NET8_0_OR_GREATER", "NET9_0_OR_GREATER", "NET10_0_OR_GREATER", "NETCOREAPP"]);
        var trees = files.Select(f => CSharpSyntaxTree.ParseText(f.Text, options, f.Path)).ToArray();
        var usings = CSharpSyntaxTree.ParseText(string.Concat(Implied.Concat(web ? ImpliedWeb : []).Select(n => $"global using {n};")), options, "");
        var compilation = CSharpCompilation.Create(assembly, trees.Append(usings), References.Value.Where(r => r.Name != assembly).Select(r => r.Reference),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));

        var arrows = trees.AsParallel().AsOrdered().SelectMany(tree => Of(tree, compilation.GetSemanticModel(tree))).Distinct().ToArray();
        var unresolved = compilation.GetDiagnostics().Where(d => d.Id is "CS0246" or "CS0234").Select(d => d.ToString()).ToArray();
        return new FolderArrows(arrows, unresolved);
    }

    private static IEnumerable<FolderArrow> Of(SyntaxTree tree, SemanticModel model)
    {
        var from = new SourceFile(tree.FilePath, "").Folder;
        foreach (var node in tree.GetRoot().DescendantNodes())
        {
            if (node is not (SimpleNameSyntax or ConstructorInitializerSyntax or BaseObjectCreationExpressionSyntax or ForEachStatementSyntax))
            {
                continue;
            }

            // What a chain of calls passes through counts as well: `a.B().C` uses the type that B gives.
            var info = model.GetSymbolInfo(node);
            var symbol = info.Symbol ?? info.CandidateSymbols.FirstOrDefault();
            if (symbol is IMethodSymbol { ReducedFrom: { } whole })
            {
                symbol = whole;
            }

            foreach (var path in Homes(symbol?.OriginalDefinition))
            {
                var to = new SourceFile(path, "").Folder;
                if (to != from)
                {
                    yield return new FolderArrow(from, to, tree.FilePath, symbol!.ContainingType is { } type ? $"{type.Name}.{symbol.Name}" : symbol.Name);
                }
            }
        }
    }

    // A partial type's members have a file each; the type itself belongs to the file that bears its name, else to its first.
    private static IEnumerable<string> Homes(ISymbol? symbol)
    {
        if (symbol is null or INamespaceSymbol or ILocalSymbol or IParameterSymbol or ITypeParameterSymbol or IRangeVariableSymbol or ILabelSymbol or IAliasSymbol)
        {
            return [];
        }

        var declared = symbol.DeclaringSyntaxReferences.Length > 0 || symbol.ContainingType is null ? symbol : symbol.ContainingType;
        var paths = declared.DeclaringSyntaxReferences.Select(r => r.SyntaxTree.FilePath).Where(p => p.Length > 0).Distinct().ToArray();
        return paths.Length <= 1 ? paths : [paths.FirstOrDefault(p => Path.GetFileNameWithoutExtension(p) == declared.Name) ?? paths.Order(StringComparer.Ordinal).First()];
    }

    private static readonly Lazy<(string Name, MetadataReference Reference)[]> References = new(() =>
    {
        var core = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        string[] folders = [core, core.Replace("Microsoft.NETCore.App", "Microsoft.AspNetCore.App", StringComparison.Ordinal), AppContext.BaseDirectory];
        return [.. folders.Where(Directory.Exists).SelectMany(f => Directory.EnumerateFiles(f, "*.dll")).Where(IsManaged)
            .DistinctBy(Path.GetFileName)
            .Select(path => (Path.GetFileNameWithoutExtension(path), (MetadataReference)MetadataReference.CreateFromFile(path)))];
    });

    private static bool IsManaged(string path)
    {
        using var reader = new PEReader(File.OpenRead(path));
        return reader.HasMetadata && reader.GetMetadataReader().IsAssembly;
    }
}
