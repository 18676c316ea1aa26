using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Mlp.Architecture.Tests;

/// <summary>Lengths of files and methods.</summary>
internal static class CodeSizes
{
    public static int LinesOf(SourceFile file) => file.Text.Count(c => c == '\n') + (file.Text.EndsWith('\n') || file.Text.Length == 0 ? 0 : 1);

    /// <summary>Every method, constructor, accessor, operator and local function with its lines, from its signature to its last brace.</summary>
    public static IEnumerable<(string Name, int Lines)> MethodsOf(SourceFile file)
    {
        var tree = CSharpSyntaxTree.ParseText(file.Text, new CSharpParseOptions(LanguageVersion.Preview));
        foreach (var node in tree.GetRoot().DescendantNodes())
        {
            var name = node switch
            {
                MethodDeclarationSyntax method => method.Identifier.Text,
                ConstructorDeclarationSyntax constructor => constructor.Identifier.Text,
                DestructorDeclarationSyntax destructor => $"~{destructor.Identifier.Text}",
                OperatorDeclarationSyntax @operator => $"operator {@operator.OperatorToken.Text}",
                ConversionOperatorDeclarationSyntax conversion => $"operator {conversion.Type}",
                LocalFunctionStatementSyntax local => local.Identifier.Text,
                AccessorDeclarationSyntax { Parent.Parent: PropertyDeclarationSyntax property } accessor => $"{property.Identifier.Text}.{accessor.Keyword.Text}",
                _ => null,
            };
            if (name is not null)
            {
                var lines = tree.GetLineSpan(node.Span);
                yield return ($"{file.Path}: {name}", lines.EndLinePosition.Line - lines.StartLinePosition.Line + 1);
            }
        }
    }
}
