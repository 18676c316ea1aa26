namespace Mlp.Features;

/// <summary>The type of an event's column.</summary>
public enum ColumnType
{
    /// <summary>A 64-bit integer; sums of it are exact.</summary>
    Integer,

    /// <summary>A number with a fraction.</summary>
    Number,

    /// <summary>A text, for keys.</summary>
    Text,
}

/// <summary>A column of an event source.</summary>
/// <param name="Name">The name in Parquet, SQL and definitions.</param>
/// <param name="Type">Its type.</param>
public sealed record Column(string Name, ColumnType Type)
{
    /// <summary>A column of 64-bit integers.</summary>
    public static Column Integer(string name) => new(name, ColumnType.Integer);

    /// <summary>A column of numbers with a fraction.</summary>
    public static Column Number(string name) => new(name, ColumnType.Number);

    /// <summary>A column of texts.</summary>
    public static Column Text(string name) => new(name, ColumnType.Text);
}
