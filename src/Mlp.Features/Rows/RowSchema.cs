using System.Text;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>
/// The columns of a view's rows, and how a row lies in memory, so that a row of the store is a row of a struct: first a bit for each nullable
/// column, in whole 64-bit words; then the columns in their order, each at its natural alignment, little-endian; the whole rounded up to 8
/// bytes. A text or a list has a <see cref="TailRange"/> there, and its bytes behind the fixed part.
/// </summary>
/// <remarks>A missing number with a fraction is NaN in its place, and every other missing value 0, so that the bytes of equal rows are equal.</remarks>
public sealed class RowSchema
{
    private const int BitsOfWord = 64;

    private readonly Column[] _columns;
    private readonly RowField[] _fields;

    /// <summary>Lays out columns.</summary>
    /// <param name="columns">At least one, each with a name of its own.</param>
    public RowSchema(params ReadOnlySpan<Column> columns)
    {
        _columns = columns.ToArray();
        if (_columns.Length == 0 || _columns.Select(c => c.Name).Distinct(StringComparer.Ordinal).Count() != _columns.Length)
        {
            throw new ArgumentException($"A row needs columns, each with a name of its own; got {string.Join(", ", _columns.Select(c => c.Name))}.", nameof(columns));
        }

        NullWords = (_columns.Count(c => c.IsNullable) + BitsOfWord - 1) / BitsOfWord;
        _fields = new RowField[_columns.Length];
        var (offset, nullBit) = (NullWords * sizeof(ulong), 0);
        for (var i = 0; i < _fields.Length; i++)
        {
            var type = _columns[i].Type;
            var alignment = type.IsVariable ? sizeof(int) : Math.Min(sizeof(long), ColumnType.ElementBytes(type.Kind));
            var bytes = type.IsVariable ? 2 * sizeof(int) : ColumnType.ElementBytes(type.Kind) * Math.Max(1, type.VectorLength);
            offset = (offset + alignment - 1) & -alignment;
            _fields[i] = new RowField(_columns[i], offset, _columns[i].IsNullable ? nullBit++ : -1, type.FloatCount > 0 ? FloatCount : -1);
            FloatCount += type.FloatCount;
            HasTail |= type.IsVariable;
            offset += bytes;
        }

        FixedBytes = (offset + sizeof(long) - 1) & -sizeof(long);
        IsFloats = !HasTail && NullWords == 0 && _columns.All(c => c.Type.Kind == ColumnKind.Float);
        Canonical = string.Join(", ", _columns.Select(c => c.Canonical));
        Digest = ContentDigest.Of(Encoding.UTF8.GetBytes(Canonical));
    }

    /// <summary>The columns, in order.</summary>
    public ReadOnlySpan<Column> Columns => _columns;

    /// <summary>Everything that decides how a row is stored and read, as one line.</summary>
    public string Canonical { get; }

    /// <summary>The digest of <see cref="Canonical"/>.</summary>
    public string Digest { get; }

    /// <summary>Words of 64 bits with the bits of missing values, at the row's beginning.</summary>
    public int NullWords { get; }

    /// <summary>Bytes of the fixed part.</summary>
    public int FixedBytes { get; }

    /// <summary>Floats that a row has in a tensor.</summary>
    public int FloatCount { get; }

    /// <summary>Whether rows have texts or lists.</summary>
    public bool HasTail { get; }

    /// <summary>Whether a row's bytes are its floats.</summary>
    internal bool IsFloats { get; }

    internal ReadOnlySpan<RowField> Fields => _fields;

    /// <summary>Reads what <see cref="Canonical"/> is, such as a store's own statement of an older schema.</summary>
    /// <exception cref="FormatException">It is no such text, or not as it would be written.</exception>
    public static RowSchema Parse(string canonical)
    {
        ArgumentNullException.ThrowIfNull(canonical);
        var columns = CanonicalText.Columns(canonical);
        if (columns.Select(c => c.Name).Distinct(StringComparer.Ordinal).Count() != columns.Length)
        {
            throw new FormatException($"'{canonical}' has two columns of one name.");
        }

        var schema = new RowSchema(columns);
        return schema.Canonical == canonical ? schema : throw new FormatException($"'{canonical}' would be written as '{schema.Canonical}'.");
    }

    /// <summary>What became of each column, and whether older rows can be read as newer ones; columns are the same where their names are.</summary>
    public static SchemaChange Compare(RowSchema older, RowSchema newer)
    {
        ArgumentNullException.ThrowIfNull(older);
        ArgumentNullException.ThrowIfNull(newer);
        return SchemaComparison.Of(older, newer);
    }

    /// <summary>The index of a column; −1 where there is none of that name.</summary>
    public int IndexOf(string column) => Array.FindIndex(_columns, c => c.Name == column);

    /// <summary>Names of a row's floats in a tensor: the column's, and of a vector <c>name[i]</c>.</summary>
    internal IEnumerable<string> FloatNames => _columns.SelectMany(c => c.Type.VectorLength == 0 ? Enumerable.Repeat(c.Name, c.Type.FloatCount) : Enumerable.Range(0, c.Type.FloatCount).Select(i => $"{c.Name}[{i}]"));
}
