using Microsoft.CodeAnalysis;

namespace Mlp.Inference.Generators;

/// <summary>Which C# types are elements of tensors.</summary>
internal static class ElementKinds
{
    private static readonly Dictionary<SpecialType, ElementKind> Kinds = new()
    {
        [SpecialType.System_Single] = new("float", "Float32"),
        [SpecialType.System_Double] = new("double", "Float64"),
        [SpecialType.System_SByte] = new("sbyte", "Int8"),
        [SpecialType.System_Int16] = new("short", "Int16"),
        [SpecialType.System_Int32] = new("int", "Int32"),
        [SpecialType.System_Int64] = new("long", "Int64"),
        [SpecialType.System_Byte] = new("byte", "UInt8"),
        [SpecialType.System_UInt16] = new("ushort", "UInt16"),
        [SpecialType.System_UInt32] = new("uint", "UInt32"),
        [SpecialType.System_UInt64] = new("ulong", "UInt64"),
        [SpecialType.System_Boolean] = new("bool", "Bool"),
        [SpecialType.System_String] = ElementKind.Text,
    };

    public static ElementKind? Of(ITypeSymbol type) =>
        Kinds.TryGetValue(type.SpecialType, out var kind) ? kind : type.ToDisplayString() == "System.Half" ? new ElementKind("global::System.Half", "Float16") : null;

    /// <summary>The element of a block: of <c>ReadOnlyMemory</c>, <c>Memory</c> or an array of one dimension.</summary>
    public static ElementKind? OfBlock(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol { Rank: 1 } array => Of(array.ElementType),
        INamedTypeSymbol { Name: "ReadOnlyMemory" or "Memory", Arity: 1, ContainingNamespace.Name: "System" } memory => Of(memory.TypeArguments[0]),
        _ => null,
    };
}
