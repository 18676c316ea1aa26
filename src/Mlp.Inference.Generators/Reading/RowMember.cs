using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Mlp.Inference.Generators;

/// <summary>A property of a row type, and the parameter of the record that it comes from.</summary>
internal sealed class RowMember(IPropertySymbol property, IParameterSymbol? parameter)
{
    public IPropertySymbol Property => property;

    public bool IsParameter => parameter is not null;

    public AttributeData? Find(string attribute) => property.Find(attribute) ?? parameter?.Find(attribute);

    /// <summary>The members in the order in which they are declared: a record's parameters, then the properties of its body.</summary>
    public static List<RowMember> Of(INamedTypeSymbol type)
    {
        var parameters = PrimaryConstructor(type)?.Parameters ?? [];
        var properties = type.GetMembers().OfType<IPropertySymbol>()
            .Where(p => p is { IsStatic: false, IsIndexer: false, DeclaredAccessibility: Accessibility.Public or Accessibility.Internal, GetMethod: not null })
            .ToList();
        var members = new List<RowMember>();
        foreach (var parameter in parameters)
        {
            if (properties.Find(p => p.Name == parameter.Name) is { } property)
            {
                properties.Remove(property);
                members.Add(new RowMember(property, parameter));
            }
        }

        members.AddRange(properties.Select(p => new RowMember(p, null)));
        return members;
    }

    /// <summary>The constructor that a record's parameters make.</summary>
    public static IMethodSymbol? PrimaryConstructor(INamedTypeSymbol type) => !type.IsRecord ? null : type.InstanceConstructors
        .FirstOrDefault(c => c.Parameters.Length > 0 && c.DeclaringSyntaxReferences.Any(r => r.GetSyntax() is RecordDeclarationSyntax));
}
