using Microsoft.CodeAnalysis;

namespace Mlp.Features.Generators;

/// <summary>The attributes of declarations, as symbols have them.</summary>
internal static class Attributes
{
    public const string Entity = "Mlp.Features.EntityAttribute";

    public const string FeatureView = "Mlp.Features.FeatureViewAttribute`1";

    public const string OnDemandView = "Mlp.Features.OnDemandViewAttribute";

    public const string Column = "ColumnAttribute";

    public const string Vector = "VectorAttribute";

    public const string Category = "CategoryAttribute";

    public const string Default = "DefaultAttribute";

    public const string FromView = "FromViewAttribute";

    public const string FromRequest = "FromRequestAttribute";

    /// <summary>The attribute of that name, whatever its type parameters.</summary>
    public static AttributeData? Find(this ISymbol symbol, string name) => symbol.GetAttributes().FirstOrDefault(a =>
        a.AttributeClass is { ContainingNamespace: { Name: "Features", ContainingNamespace: { Name: "Mlp", ContainingNamespace.IsGlobalNamespace: true } } } type && type.Name == name);

    public static string Word(this AttributeData attribute, int argument = 0) =>
        attribute.ConstructorArguments.Length > argument && attribute.ConstructorArguments[argument].Value is string word ? word : "";

    public static string? Named(this AttributeData attribute, string property) => attribute.Value(property).Value as string;

    public static string[] Words(this TypedConstant constant) =>
        constant.Kind == TypedConstantKind.Array && !constant.IsNull ? [.. constant.Values.Select(v => v.Value as string ?? "")] : [];

    public static TypedConstant Value(this AttributeData attribute, string property) => attribute.NamedArguments.FirstOrDefault(a => a.Key == property).Value;
}
