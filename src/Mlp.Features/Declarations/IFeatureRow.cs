namespace Mlp.Features;

/// <summary>A declared row: what the compiler adds to a type with a <see cref="FeatureViewAttribute{TEntity}"/>.</summary>
/// <typeparam name="TSelf">The type.</typeparam>
public interface IFeatureRow<TSelf>
    where TSelf : IFeatureRow<TSelf>
{
    /// <summary>Its columns, and how a row lies in memory.</summary>
    static abstract RowSchema Schema { get; }

    /// <summary>The view of it, over a source of its own.</summary>
    static abstract LatestView View { get; }

    /// <summary>Bytes of this row: its fixed part, and its texts and lists.</summary>
    int ByteCount { get; }

    /// <summary>Writes the row, the very bytes that <see cref="RowCodec.Encode"/> writes.</summary>
    /// <param name="destination"><see cref="ByteCount"/> bytes.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="Core.MlpException"><see cref="FeatureErrors.RowInvalid"/>: a value does not fit its column, such as a vector of another length.</exception>
    int Encode(Span<byte> destination);

    /// <summary>Writes the row's floats, as they stand in a tensor; a missing value is NaN.</summary>
    void WriteTo(Span<float> floats);

    /// <summary>Reads a row.</summary>
    /// <exception cref="Core.MlpException"><see cref="FeatureErrors.RowInvalid"/>: these are no bytes of such a row.</exception>
    static abstract TSelf Decode(ReadOnlySpan<byte> row);
}

/// <summary>A declared key: what the compiler adds to a type with an <see cref="EntityAttribute"/>.</summary>
public interface IEntityKey
{
    /// <summary>The entity.</summary>
    static abstract Entity Entity { get; }

    /// <summary>The key columns, in order.</summary>
    static abstract ReadOnlySpan<Column> KeyColumns { get; }

    /// <summary>The key as stores have it.</summary>
    EntityKey ToKey();

    /// <summary>Writes the values of the key columns.</summary>
    /// <param name="values">One for each.</param>
    void WriteKey(Span<FeatureValue> values);
}
