using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>How the rows of one input or output lie in memory: row-major, one row after another.</summary>
public readonly struct TensorLayout : IEquatable<TensorLayout>
{
    private readonly int[] _rowShape;

    /// <summary>Describes the rows.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="type">Type of the elements.</param>
    /// <param name="rowShape">The dimensions behind the batch's; none for one element a row.</param>
    public TensorLayout(string name, ElementType type, params ReadOnlySpan<int> rowShape)
        : this(name, type, rowShape.ToArray(), Product(rowShape), [])
    {
    }

    private TensorLayout(string name, ElementType type, int[] rowShape, int width, string[] labels)
    {
        Name = name;
        Type = type;
        _rowShape = rowShape;
        Width = width;
        Labels = ImmutableCollectionsMarshal.AsImmutableArray(labels);
    }

    /// <summary>The tensor's name.</summary>
    public string Name { get; }

    /// <summary>Type of the elements.</summary>
    public ElementType Type { get; }

    /// <summary>Elements of a row; -1 for an output whose rows are known once a runtime has prepared the model.</summary>
    public int Width { get; }

    /// <summary>Number of dimensions, the batch's among them.</summary>
    public int Rank => 1 + _rowShape.Length;

    /// <summary>The dimensions behind the batch's; -1 where it is not known yet.</summary>
    public ReadOnlySpan<int> RowShape => _rowShape;

    /// <summary>What the columns are, for a classifier's scores that its file gives as maps; else empty.</summary>
    public ImmutableArray<string> Labels { get; }

    /// <summary>Bytes of a row; 0 for strings, which are kept as objects.</summary>
    public int RowBytes => Width * Type.SizeBytes();

    /// <summary>Whether all of a row is known.</summary>
    internal bool IsKnown => Width >= 0;

    /// <summary>Whether name, element type and shape are the same; labels are not compared.</summary>
    public bool Equals(TensorLayout other) => Name == other.Name && Type == other.Type && RowShape.SequenceEqual(other.RowShape);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is TensorLayout other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Type, Width, Rank);

    /// <summary>For example <c>pixels: uint8[rows, 3, 48, 192]</c>.</summary>
    public override string ToString() => $"{Name}: {Type.Name()}[rows{string.Concat(Array.ConvertAll(_rowShape, static d => d < 0 ? ", ?" : string.Create(CultureInfo.InvariantCulture, $", {d}")))}]";

    /// <summary>The same.</summary>
    public static bool operator ==(TensorLayout left, TensorLayout right) => left.Equals(right);

    /// <summary>Not the same.</summary>
    public static bool operator !=(TensorLayout left, TensorLayout right) => !left.Equals(right);

    /// <summary>The same tensor with names for its columns.</summary>
    internal TensorLayout With(string[] labels) => new(Name, Type, _rowShape, Width, labels);

    /// <summary>The same tensor with rows of a shape.</summary>
    internal TensorLayout With(ReadOnlySpan<int> rowShape) => new(Name, Type, rowShape.ToArray(), Product(rowShape), [.. Labels]);

    /// <summary>The shape of a batch.</summary>
    internal long[] Shape(int rows)
    {
        var shape = new long[Rank];
        shape[0] = rows;
        for (var i = 0; i < _rowShape.Length; i++)
        {
            shape[i + 1] = _rowShape[i];
        }

        return shape;
    }

    // -1 where a dimension is unknown; a row of more elements than an array can have was refused before.
    private static int Product(ReadOnlySpan<int> shape)
    {
        var product = 1;
        foreach (var length in shape)
        {
            product = length < 0 || product < 0 ? -1 : checked(product * length);
        }

        return product;
    }
}
