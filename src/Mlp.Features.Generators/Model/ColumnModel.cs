namespace Mlp.Features.Generators;

/// <summary>A column, read.</summary>
/// <param name="Property">The property.</param>
/// <param name="Name">The column's name.</param>
/// <param name="Kind">What an element is.</param>
/// <param name="VectorLength">Elements of a vector; 0 of all else.</param>
/// <param name="IsList">Whether it is a list.</param>
/// <param name="IsNullable">Whether a value may be missing.</param>
/// <param name="Categories">The categories' texts, in order.</param>
/// <param name="EnumType">Of an enum: its type, in full.</param>
/// <param name="EnumMembers">Of an enum: its members, in the order of the categories.</param>
/// <param name="Default">What older rows have.</param>
internal sealed record ColumnModel(
    string Property,
    string Name,
    ElementKind Kind,
    int VectorLength,
    bool IsList,
    bool IsNullable,
    EquatableArray<string> Categories,
    string? EnumType,
    EquatableArray<string> EnumMembers,
    DefaultValue? Default)
{
    public bool IsVector => VectorLength > 0;

    public bool IsVariable => IsList || Kind.Name == "Text";

    public bool IsScalar => !IsVector && !IsList;

    /// <summary>Floats in a tensor.</summary>
    public int FloatCount => IsList || !Kind.HasFloat ? 0 : Math.Max(1, VectorLength);

    /// <summary>The type in canonical form, such as <c>float[16]</c>.</summary>
    public string TypeText
    {
        get
        {
            var kind = Kind.Name.ToLowerInvariant();
            return IsList ? $"list<{kind}>" : IsVector ? $"{kind}[{Code.Number(VectorLength)}]" : kind;
        }
    }

    /// <summary>The column in canonical form: what <c>Column.Canonical</c> is at run time.</summary>
    public string Canonical =>
        $"{Name}: {TypeText}{(Categories.Count == 0 ? "" : $"({string.Join(",", Categories.Select(Uri.EscapeDataString))})")}{(IsNullable ? "?" : "")}{(Default is null ? "" : $" = {Default.Canonical}")}";
}

/// <summary>A default, as C# and in canonical form.</summary>
internal sealed record DefaultValue(string Literal, string Canonical);

/// <summary>An element, as <c>Mlp.Features.ColumnKind</c> and as C# call it.</summary>
/// <param name="Name">The kind's name.</param>
/// <param name="Keyword">The property's type.</param>
/// <param name="Field">The type in a row.</param>
/// <param name="Bytes">In a row's fixed part.</param>
/// <param name="HasFloat">Whether it has a place in a tensor.</param>
internal sealed record ElementKind(string Name, string Keyword, string Field, int Bytes, bool HasFloat)
{
    public static readonly ElementKind Text = new("Text", "string", Code.Room + "TailRange", 4, false);

    public static readonly ElementKind Category = new("Category", "string", "int", 4, true);

    public static readonly ElementKind Timestamp = new("Timestamp", "global::System.DateTime", "long", 8, false);

    public static readonly ElementKind Guid = new("Guid", "global::System.Guid", "global::System.Guid", 16, false);

    public bool IsFraction => Name is "Half" or "Float" or "Double";

    public bool IsInteger => Name.IndexOf("Int", StringComparison.Ordinal) is 0 or 1;
}
