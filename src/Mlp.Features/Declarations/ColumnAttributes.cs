namespace Mlp.Features;

/// <summary>The name of a column or key, where it is not the property's own in lower case with underscores (<c>MeanFare</c>: <c>mean_fare</c>).</summary>
/// <param name="name">1 to 128 ASCII letters, digits and underscores, starting with no digit.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class ColumnAttribute(string name) : Attribute
{
    /// <summary>The name.</summary>
    public string Name { get; } = name;
}

/// <summary>Makes an array a vector of a fixed number of elements; without it, it is a list.</summary>
/// <param name="length">1 to <see cref="ColumnType.VectorLengthMax"/>.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class VectorAttribute(int length) : Attribute
{
    /// <summary>Elements.</summary>
    public int Length { get; } = length;
}

/// <summary>Makes a text one of declared categories. An enum is a category by itself: its members' names, in the order in which they are declared.</summary>
/// <param name="categories">The texts, in the order of their numbers from 0 on.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class CategoryAttribute(params string[] categories) : Attribute
{
    /// <summary>The texts.</summary>
    public IReadOnlyList<string> Categories { get; } = categories;
}

/// <summary>What rows that were written before the column was added have for it.</summary>
/// <param name="value">A value of the property's type; of a moment or a GUID its text.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class DefaultAttribute(object value) : Attribute
{
    /// <summary>The value.</summary>
    public object Value { get; } = value;
}
