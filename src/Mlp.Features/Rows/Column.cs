namespace Mlp.Features;

/// <summary>A column of an event source or of a view's rows.</summary>
public sealed record Column
{
    private readonly string[] _categories = [];

    /// <summary>Declares a column.</summary>
    /// <param name="name">The name in Parquet, SQL and definitions.</param>
    /// <param name="type">Its type; of a category see <see cref="Category"/>.</param>
    public Column(string name, ColumnType type)
        : this(name, type, [])
    {
        if (type.Kind == ColumnKind.Category)
        {
            throw new ArgumentException($"The column '{name}' needs categories.", nameof(type));
        }
    }

    private Column(string name, ColumnType type, ReadOnlySpan<string> categories)
    {
        DefinitionName.Check(name);
        Name = name;
        Type = type;
        _categories = categories.ToArray();
    }

    /// <summary>The name in Parquet, SQL and definitions.</summary>
    public string Name { get; }

    /// <summary>Its type.</summary>
    public ColumnType Type { get; }

    /// <summary>Whether a value may be missing. In a tensor a missing value is NaN.</summary>
    public bool IsNullable { get; init; }

    /// <summary>
    /// What rows that were written before the column was added have for it; null where such a column cannot be added without a new store. A
    /// nullable column needs none: theirs is missing.
    /// </summary>
    /// <exception cref="ArgumentException">It does not fit the column.</exception>
    public FeatureValue? Default
    {
        get;
        init => field = value is not { IsMissing: false } given ? default(FeatureValue?)
            : ColumnFit.Refusal(this, given) is { } refusal ? throw new ArgumentException($"A default is {refusal}.", nameof(value))
            : given;
    }

    /// <summary>The declared categories, in order; none but of a column of categories.</summary>
    public ReadOnlySpan<string> Categories => _categories;

    /// <summary>What an aggregate makes of a value.</summary>
    internal WordForm WordForm =>
        !Type.IsScalar ? WordForm.None
        : Type.Kind switch
        {
            ColumnKind.Half or ColumnKind.Float or ColumnKind.Double => WordForm.Number,

            // A double holds every one of those, and NaN for the missing.
            >= ColumnKind.Int8 and <= ColumnKind.Int32 or >= ColumnKind.UInt8 and <= ColumnKind.UInt32 => IsNullable ? WordForm.Number : WordForm.Integer,
            ColumnKind.Int64 when !IsNullable => WordForm.Integer,
            ColumnKind.Text when !IsNullable => WordForm.Text,
            _ => WordForm.None,
        };

    /// <summary>What decides how a value is stored and read, as text.</summary>
    internal string Canonical =>
        $"{Name}: {Type}{(_categories.Length == 0 ? "" : $"({string.Join(",", _categories.Select(Uri.EscapeDataString))})")}{(IsNullable ? "?" : "")}{(Default is { } value ? $" = {value.Canonical}" : "")}";

    /// <summary>A column of 64-bit integers.</summary>
    public static Column Integer(string name) => new(name, ColumnType.Integer);

    /// <summary>A column of 64-bit numbers with a fraction.</summary>
    public static Column Number(string name) => new(name, ColumnType.Number);

    /// <summary>A column of texts.</summary>
    public static Column Text(string name) => new(name, ColumnType.Text);

    /// <summary>A column of one element a row.</summary>
    public static Column Of(string name, ColumnKind kind) => new(name, ColumnType.Of(kind));

    /// <summary>A column of 32-bit floating-point numbers.</summary>
    public static Column Float(string name) => Of(name, ColumnKind.Float);

    /// <summary>A column of moments.</summary>
    public static Column Timestamp(string name) => Of(name, ColumnKind.Timestamp);

    /// <summary>A column of vectors of one length.</summary>
    public static Column Vector(string name, int length, ColumnKind kind = ColumnKind.Float) => new(name, ColumnType.VectorOf(kind, length));

    /// <summary>A column of lists.</summary>
    public static Column List(string name, ColumnKind kind) => new(name, ColumnType.ListOf(kind));

    /// <summary>A column of categories. A text that is none of them is refused; so declare one for the rest where there may be one.</summary>
    /// <param name="name">The column's name.</param>
    /// <param name="categories">The texts, in the order of their numbers from 0 on.</param>
    public static Column Category(string name, params ReadOnlySpan<string> categories)
    {
        var distinct = new HashSet<string>(StringComparer.Ordinal);
        foreach (var category in categories)
        {
            ArgumentException.ThrowIfNullOrEmpty(category);
            if (!distinct.Add(category))
            {
                throw new ArgumentException($"The column '{name}' has the category '{category}' twice.", nameof(categories));
            }
        }

        return categories.Length == 0 ? throw new ArgumentException($"The column '{name}' needs categories.", nameof(categories)) : new Column(name, ColumnType.Of(ColumnKind.Category), categories);
    }

    /// <summary>The same column, whose values may be missing.</summary>
    public Column Nullable() => this with { IsNullable = true };

    /// <summary>Whether two columns say the same.</summary>
    public bool Equals(Column? other) => other is not null && Canonical == other.Canonical;

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Canonical);
}
