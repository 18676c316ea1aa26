using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Mlp.Inference.Generators;

/// <summary>Writes the code by which a predictor turns a user's record into a model's row, and a model's answer into a record.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class PredictorGenerator : IIncrementalGenerator
{
    /// <summary>The name under which the types that were read can be followed from step to step.</summary>
    public const string ReadStep = "Read";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var inputs = Types(context, RowAttributes.Input);
        var outputs = Types(context, RowAttributes.Output);

        // A type is found once for each attribute that it or its members have.
        var types = inputs.Collect().Combine(outputs.Collect())
            .SelectMany(static (found, _) => found.Left.AddRange(found.Right).Distinct())
            .WithTrackingName(ReadStep);
        context.RegisterSourceOutput(types, static (output, type) => Write(output, type));
    }

    private static IncrementalValuesProvider<RowType> Types(IncrementalGeneratorInitializationContext context, string attribute) =>
        context.SyntaxProvider.ForAttributeWithMetadataName(
            attribute,
            static (node, _) => node is TypeDeclarationSyntax or PropertyDeclarationSyntax or ParameterSyntax,
            static (found, _) => (found.TargetSymbol as INamedTypeSymbol ?? found.TargetSymbol.ContainingType) is { } type ? RowTypeReader.Read(type) : null)
            .Where(static type => type is not null)!;

    private static void Write(SourceProductionContext output, RowType type)
    {
        foreach (var problem in type.Problems)
        {
            output.ReportDiagnostic(problem.ToDiagnostic());
        }

        if (type.Problems.Count == 0)
        {
            output.AddSource($"{type.FullName}.Predictor.g.cs", SourceText.From(RowTypeWriter.Write(type), Encoding.UTF8));
        }
    }
}
