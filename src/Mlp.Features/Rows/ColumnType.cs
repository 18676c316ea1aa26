using System.Globalization;

namespace Mlp.Features;

/// <summary>The type of a column: one element, a vector of a fixed number of them, or a list of any number.</summary>
public readonly record struct ColumnType
{
    /// <summary>Most elements of a vector.</summary>
    public const int VectorLengthMax = 1 << 14;

    private ColumnType(ColumnKind kind, int vectorLength, bool isList)
    {
        Kind = kind;
        VectorLength = vectorLength;
        IsList = isList;
    }

    /// <summary>A 64-bit integer; sums of it are exact.</summary>
    public static ColumnType Integer => Of(ColumnKind.Int64);

    /// <summary>A 64-bit number with a fraction.</summary>
    public static ColumnType Number => Of(ColumnKind.Double);

    /// <summary>A text.</summary>
    public static ColumnType Text => Of(ColumnKind.Text);

    /// <summary>What an element is.</summary>
    public ColumnKind Kind { get; }

    /// <summary>Elements of a vector; 0 of everything else.</summary>
    public int VectorLength { get; }

    /// <summary>Whether it is a list.</summary>
    public bool IsList { get; }

    /// <summary>Whether it is one element.</summary>
    public bool IsScalar => VectorLength == 0 && !IsList;

    /// <summary>Whether it is an integer of any width.</summary>
    public bool IsInteger => IsScalar && Kind is >= ColumnKind.Int8 and <= ColumnKind.UInt64;

    /// <summary>Floats that it takes in a tensor: one of a number, a bool or a category, as many as a vector of those has; 0 of all else.</summary>
    public int FloatCount => IsList || !HasFloat(Kind) ? 0 : Math.Max(1, VectorLength);

    /// <summary>Whether its values differ in length, so that a row keeps them behind its fixed part.</summary>
    public bool IsVariable => IsList || Kind == ColumnKind.Text;

    /// <summary>One element.</summary>
    public static ColumnType Of(ColumnKind kind) => new(Known(kind), 0, false);

    /// <summary>A vector, such as an embedding.</summary>
    /// <param name="kind">Its elements: numbers or bools.</param>
    /// <param name="length">How many, 1 to <see cref="VectorLengthMax"/>.</param>
    public static ColumnType VectorOf(ColumnKind kind, int length)
    {
        if (!HasFloat(Known(kind)) || kind == ColumnKind.Category)
        {
            throw new ArgumentException($"A vector has numbers or bools for elements, not {kind}.", nameof(kind));
        }

        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, VectorLengthMax);
        return new ColumnType(kind, length, false);
    }

    /// <summary>A list of any number of elements, none of them missing.</summary>
    /// <param name="kind">Its elements; no categories.</param>
    public static ColumnType ListOf(ColumnKind kind) => Known(kind) == ColumnKind.Category
        ? throw new ArgumentException("A list has no categories for elements; take texts.", nameof(kind))
        : new ColumnType(kind, 0, true);

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <exception cref="FormatException">It is no type.</exception>
    public static ColumnType Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.StartsWith("list<", StringComparison.Ordinal) && text.EndsWith('>'))
        {
            return Try(text, static kind => ListOf(kind), text[5..^1]);
        }

        var bracket = text.IndexOf('[', StringComparison.Ordinal);
        if (bracket > 0 && text.EndsWith(']') && int.TryParse(text.AsSpan(bracket + 1, text.Length - bracket - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var length))
        {
            return Try(text, kind => VectorOf(kind, length), text[..bracket]);
        }

        return Try(text, Of, text);
    }

    /// <summary>Such as <c>int64</c>, <c>float[16]</c> or <c>list&lt;text&gt;</c>.</summary>
    public override string ToString()
    {
        var kind = Kind.ToString().ToLowerInvariant();
        return IsList ? $"list<{kind}>" : VectorLength > 0 ? $"{kind}[{VectorLength.ToString(CultureInfo.InvariantCulture)}]" : kind;
    }

    /// <summary>Bytes of one element in a row's fixed part.</summary>
    internal static int ElementBytes(ColumnKind kind) => kind switch
    {
        ColumnKind.Bool or ColumnKind.Int8 or ColumnKind.UInt8 => 1,
        ColumnKind.Int16 or ColumnKind.UInt16 or ColumnKind.Half => 2,
        ColumnKind.Int32 or ColumnKind.UInt32 or ColumnKind.Float or ColumnKind.Category => 4,
        ColumnKind.Guid => 16,
        _ => 8,
    };

    private static bool HasFloat(ColumnKind kind) => kind is <= ColumnKind.Double or ColumnKind.Category;

    private static ColumnKind Known(ColumnKind kind) => kind is >= ColumnKind.Bool and <= ColumnKind.Guid
        ? kind
        : throw new ArgumentOutOfRangeException(nameof(kind), kind, "no kind of column");

    private static ColumnType Try(string text, Func<ColumnKind, ColumnType> make, string kindName)
    {
        for (var kind = ColumnKind.Bool; kind <= ColumnKind.Guid; kind++)
        {
            if (string.Equals(kind.ToString().ToLowerInvariant(), kindName, StringComparison.Ordinal))
            {
                try
                {
                    return make(kind);
                }
                catch (ArgumentException e)
                {
                    throw new FormatException($"'{text}' is no type of a column: {e.Message}", e);
                }
            }
        }

        throw new FormatException($"'{text}' is no type of a column; expected such as 'int64', 'float[16]' or 'list<text>'.");
    }
}
