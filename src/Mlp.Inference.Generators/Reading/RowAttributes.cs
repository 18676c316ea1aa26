using Microsoft.CodeAnalysis;

namespace Mlp.Inference.Generators;

/// <summary>The attributes of row types, as symbols have them.</summary>
internal static class RowAttributes
{
    public const string Input = "Mlp.Inference.ModelInputAttribute";

    public const string Output = "Mlp.Inference.ModelOutputAttribute";

    public const string Feature = "Mlp.Inference.FeatureAttribute";

    public static AttributeData? Find(this ISymbol symbol, string name) =>
        symbol.GetAttributes().FirstOrDefault(a => a.AttributeClass?.ToDisplayString() == name);

    public static string Name(this AttributeData attribute) => attribute.ConstructorArguments.Length > 0 && attribute.ConstructorArguments[0].Value is string name ? name : "";

    public static int? Number(this AttributeData attribute, string property) =>
        attribute.NamedArguments.FirstOrDefault(a => a.Key == property).Value.Value as int?;
}
