namespace Mlp.Features;

/// <summary>A row that a scan came by.</summary>
public sealed class ScannedRow
{
    private readonly RowSchema _schema;

    internal ScannedRow(RowSchema schema, EntityKey key, DateTime knownAt, byte[] row)
    {
        _schema = schema;
        Key = key;
        KnownAt = knownAt;
        Row = row;
    }

    /// <summary>
    /// The entity. A key of more than 15 bytes is there as its hash (see <see cref="EntityKey"/>): who needs the values it was made of keeps them as columns of the view.
    /// </summary>
    public EntityKey Key { get; }

    /// <summary>When the row became known, UTC.</summary>
    public DateTime KnownAt { get; }

    /// <summary>The row's bytes, texts and lists included: see <see cref="RowSchema"/>.</summary>
    public ReadOnlyMemory<byte> Row { get; }

    /// <summary>The row as a value for each feature.</summary>
    public FeatureValue[] Values()
    {
        var values = new FeatureValue[_schema.Columns.Length];
        RowCodec.Decode(_schema, Row.Span, values);
        return values;
    }
}
