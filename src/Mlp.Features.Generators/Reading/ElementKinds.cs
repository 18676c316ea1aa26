using Microsoft.CodeAnalysis;

namespace Mlp.Features.Generators;

/// <summary>Which C# types are elements of columns.</summary>
internal static class ElementKinds
{
    private static readonly Dictionary<SpecialType, ElementKind> Kinds = new()
    {
        [SpecialType.System_Boolean] = new("Bool", "bool", "byte", 1, true),
        [SpecialType.System_SByte] = Number("Int8", "sbyte", 1),
        [SpecialType.System_Int16] = Number("Int16", "short", 2),
        [SpecialType.System_Int32] = Number("Int32", "int", 4),
        [SpecialType.System_Int64] = Number("Int64", "long", 8),
        [SpecialType.System_Byte] = Number("UInt8", "byte", 1),
        [SpecialType.System_UInt16] = Number("UInt16", "ushort", 2),
        [SpecialType.System_UInt32] = Number("UInt32", "uint", 4),
        [SpecialType.System_UInt64] = Number("UInt64", "ulong", 8),
        [SpecialType.System_Single] = Number("Float", "float", 4),
        [SpecialType.System_Double] = Number("Double", "double", 8),
        [SpecialType.System_String] = ElementKind.Text,
        [SpecialType.System_DateTime] = ElementKind.Timestamp,
    };

    private static readonly ElementKind Half = Number("Half", "global::System.Half", 2);

    public static ElementKind? Of(ITypeSymbol type) => Kinds.TryGetValue(type.SpecialType, out var kind) ? kind : type.ToDisplayString() switch
    {
        "System.Half" => Half,
        "System.Guid" => ElementKind.Guid,
        _ => null,
    };

    /// <summary>Whether a key may be of it.</summary>
    public static bool IsKey(ElementKind kind) => kind.Name is "Text" or "Guid" or "Int8" or "Int16" or "Int32" or "Int64" or "UInt8" or "UInt16" or "UInt32";

    private static ElementKind Number(string name, string keyword, int bytes) => new(name, keyword, keyword, bytes, true);
}
