using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Mlp.Features.Generators;

/// <summary>Reads where a type stands, and whether code can be added to it.</summary>
internal static class PlaceReader
{
    public static TypePlace Read(INamedTypeSymbol type, List<Problem> problems)
    {
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

        return new TypePlace(
            type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString(),
            new([.. headers]),
            type.Name,
            type.ToDisplayString().Replace('<', '_').Replace('>', '_').Replace(", ", "_"));
    }

    /// <summary>Reports members that have the name of what is added.</summary>
    public static void RequireFree(INamedTypeSymbol type, List<Problem> problems, params string[] added)
    {
        foreach (var name in added)
        {
            if (type.GetMembers(name).FirstOrDefault(m => !m.IsImplicitlyDeclared) is { } member)
            {
                problems.Add(Problem.At(Problems.NameTaken, member, type.Name, name));
            }
        }
    }

    private static string Header(INamedTypeSymbol type) =>
        $"{(type.IsStatic ? "static " : "")}partial {(type.IsRecord ? type.IsValueType ? "record struct" : "record" : type.IsValueType ? "struct" : "class")} {type.Name}";

    private static bool IsPartial(INamedTypeSymbol type) =>
        type.DeclaringSyntaxReferences.Any(r => r.GetSyntax() is TypeDeclarationSyntax declared && declared.Modifiers.Any(m => m.ValueText == "partial"));
}
