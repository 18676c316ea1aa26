using System.Security.Cryptography;
using System.Text;

namespace Mlp.Features.Generators;

/// <summary>How a row lies in memory, as <c>RowSchema</c> lays it out at run time.</summary>
internal sealed class RowLayout
{
    private const int BitsOfWord = 64;
    private const int WordBytes = 8;

    public RowLayout(EquatableArray<ColumnModel> columns)
    {
        NullWords = (columns.Count(c => c.IsNullable) + BitsOfWord - 1) / BitsOfWord;
        var (offset, nullBit, floats) = (NullWords * WordBytes, 0, 0);
        var places = new List<ColumnPlace>();
        foreach (var column in columns)
        {
            var alignment = column.IsVariable ? 4 : Math.Min(WordBytes, column.Kind.Bytes);
            offset = (offset + alignment - 1) & -alignment;
            places.Add(new ColumnPlace(column, offset, column.IsNullable ? nullBit++ : -1, floats));
            floats += column.FloatCount;
            offset += column.IsVariable ? WordBytes : column.Kind.Bytes * Math.Max(1, column.VectorLength);
        }

        Places = places;
        FloatCount = floats;
        HasTail = columns.Any(c => c.IsVariable);
        FixedBytes = (offset + WordBytes - 1) & -WordBytes;
        Canonical = string.Join(", ", columns.Select(c => c.Canonical));
    }

    public int NullWords { get; }

    public int FixedBytes { get; }

    public int FloatCount { get; }

    public bool HasTail { get; }

    public IReadOnlyList<ColumnPlace> Places { get; }

    public string Canonical { get; }

    public string Digest
    {
        get
        {
            using var sha = SHA256.Create();
            return "sha256:" + string.Concat(sha.ComputeHash(Encoding.UTF8.GetBytes(Canonical)).Select(b => b.ToString("x2", System.Globalization.CultureInfo.InvariantCulture)));
        }
    }
}

/// <summary>Where a column lies.</summary>
internal sealed record ColumnPlace(ColumnModel Column, int Offset, int NullBit, int FirstFloat)
{
    public int Word => NullBit / 64;

    /// <summary>The bit's mask, as C#.</summary>
    public string Mask => $"0x{1UL << (NullBit % 64):x}UL";
}
