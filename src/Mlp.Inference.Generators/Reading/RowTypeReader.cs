using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Mlp.Inference.Generators;

/// <summary>Reads a user's type.</summary>
internal static class RowTypeReader
{
    public static RowType Read(INamedTypeSymbol type)
    {
        var problems = new List<Problem>();
        var headers = new List<string>();
        for (var t = type; t is not null; t = t.ContainingType)
        {
            headers.Insert(0, Header(t));
            if (!IsPartial(t))
            {
                problems.Add(Problem.At(Problems.NotPartial, t, t.Name));
            }
        }

        if (type.IsGenericType)
        {
            problems.Add(Problem.At(Problems.Generic, type, type.Name));
        }

        var members = RowMember.Of(type);
        var inputs = new TensorReader(type, members, RowAttributes.Input, problems).Read();
        var outputs = new TensorReader(type, members, RowAttributes.Output, problems).Read();
        return new RowType(
            type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString(),
            new([.. headers]),
            type.Name,
            type.ToDisplayString().Replace('<', '_').Replace('>', '_').Replace(", ", "_"),
            inputs,
            outputs,
            outputs.Count == 0 ? default : Constructor(type, outputs, problems),
            new([.. problems]));
    }

    private static string Header(INamedTypeSymbol type) =>
        $"partial {(type.IsRecord ? type.IsValueType ? "record struct" : "record" : type.IsValueType ? "struct" : "class")} {type.Name}";

    private static bool IsPartial(INamedTypeSymbol type) =>
        type.DeclaringSyntaxReferences.Any(r => r.GetSyntax() is TypeDeclarationSyntax declared && declared.Modifiers.Any(m => m.ValueText == "partial"));

    private static EquatableArray<string> Constructor(INamedTypeSymbol type, EquatableArray<RowTensor> outputs, List<Problem> problems)
    {
        var taken = RowMember.PrimaryConstructor(type)?.Parameters.Select(p => p.Name).ToArray() ?? [];
        var given = new HashSet<string>(outputs.SelectMany(t => t.Columns).Select(c => c.Property), StringComparer.Ordinal);
        if (type.IsAbstract || taken.Any(p => !given.Contains(p)) || (taken.Length == 0 && !type.InstanceConstructors.Any(c => c.Parameters.Length == 0)))
        {
            problems.Add(Problem.At(Problems.NotConstructible, type, type.Name));
        }

        return new(taken);
    }
}
