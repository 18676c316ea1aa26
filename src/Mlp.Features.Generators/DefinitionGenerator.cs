using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Mlp.Features.Generators;

/// <summary>Writes the code of declared keys, rows and on-demand views.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class DefinitionGenerator : IIncrementalGenerator
{
    /// <summary>The name under which the declarations that were read can be followed from step to step.</summary>
    public const string ReadStep = "Read";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var keys = context.SyntaxProvider.ForAttributeWithMetadataName(Attributes.Entity, static (node, _) => node is TypeDeclarationSyntax, static (found, _) => DeclarationReader.ReadKey((INamedTypeSymbol)found.TargetSymbol)).WithTrackingName(ReadStep);
        var rows = context.SyntaxProvider.ForAttributeWithMetadataName(Attributes.FeatureView, static (node, _) => node is TypeDeclarationSyntax, static (found, _) => DeclarationReader.ReadRow((INamedTypeSymbol)found.TargetSymbol)).WithTrackingName(ReadStep);
        var methods = context.SyntaxProvider.ForAttributeWithMetadataName(Attributes.OnDemandView, static (node, _) => node is MethodDeclarationSyntax, static (found, _) => OnDemandReader.Read((IMethodSymbol)found.TargetSymbol)).WithTrackingName(ReadStep);
        context.RegisterSourceOutput(keys, static (output, key) => Write(output, key.Problems, $"{key.Place.FullName}.Key", () => KeyWriter.Write(key)));
        context.RegisterSourceOutput(rows, static (output, row) => Write(output, row.Problems, $"{row.Place.FullName}.Row", () => RowTypeWriter.Write(row)));
        context.RegisterSourceOutput(methods, static (output, method) => Write(output, method.Problems, $"{method.Place.FullName}.{method.Method}View", () => OnDemandWriter.Write(method)));
    }

    private static void Write(SourceProductionContext output, EquatableArray<Problem> problems, string file, Func<string> write)
    {
        foreach (var problem in problems)
        {
            output.ReportDiagnostic(problem.ToDiagnostic());
        }

        if (problems.Count == 0)
        {
            output.AddSource($"{file}.g.cs", SourceText.From(write(), Encoding.UTF8));
        }
    }
}
