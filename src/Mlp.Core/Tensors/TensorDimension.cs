using System.Globalization;

namespace Mlp.Core;

/// <summary>One dimension of a tensor's shape: a fixed length, or a name for a length that each call may choose.</summary>
public readonly record struct TensorDimension
{
    private TensorDimension(long length, string? symbol)
    {
        Length = length;
        Symbol = symbol;
    }

    /// <summary>The length in elements; -1 where it is free.</summary>
    public long Length { get; }

    /// <summary>The name of a free dimension, such as <c>batch</c>; null where the length is fixed.</summary>
    public string? Symbol { get; }

    /// <summary>Whether the length is fixed.</summary>
    public bool IsFixed => Symbol is null;

    /// <summary>A dimension of one length.</summary>
    public static TensorDimension Fixed(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        return new TensorDimension(length, null);
    }

    /// <summary>A free dimension. Equal names within a signature mean equal lengths; an empty name is equal to none.</summary>
    public static TensorDimension Free(string symbol)
    {
        ArgumentNullException.ThrowIfNull(symbol);
        return new TensorDimension(-1, symbol);
    }

    /// <inheritdoc/>
    public override string ToString() => Symbol is null ? Length.ToString(CultureInfo.InvariantCulture) : Symbol.Length == 0 ? "?" : Symbol;
}
