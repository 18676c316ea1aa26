using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Mlp.Features.Generators;

/// <summary>A property of a declared type, and the parameter of the record that it comes from.</summary>
internal sealed class Member(IPropertySymbol property, IParameterSymbol? parameter)
{
    public IPropertySymbol Property => property;

    public bool IsParameter => parameter is not null;

    public AttributeData? Find(string attribute) => property.Find(attribute) ?? parameter?.Find(attribute);

    /// <summary>The members in the order in which they are declared: a record's parameters, then the properties of its body. What is computed is no member.</summary>
    public static List<Member> Of(INamedTypeSymbol type)
    {
        var properties = type.GetMembers().OfType<IPropertySymbol>()
            .Where(p => p is { IsStatic: false, IsIndexer: false, DeclaredAccessibility: Accessibility.Public or Accessibility.Internal, GetMethod: not null } && !p.IsImplicitlyDeclared)
            .ToList();
        var members = new List<Member>();
        foreach (var parameter in PrimaryConstructor(type)?.Parameters ?? [])
        {
            if (properties.Find(p => p.Name == parameter.Name) is { } property)
            {
                properties.Remove(property);
                members.Add(new Member(property, parameter));
            }
        }

        members.AddRange(properties.Select(p => new Member(p, null)));
        return members;
    }

    /// <summary>The constructor that a record's parameters make.</summary>
    public static IMethodSymbol? PrimaryConstructor(INamedTypeSymbol type) => !type.IsRecord ? null : type.InstanceConstructors
        .FirstOrDefault(c => c.Parameters.Length > 0 && c.DeclaringSyntaxReferences.Any(r => r.GetSyntax() is RecordDeclarationSyntax));
}
