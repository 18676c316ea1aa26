using System.Buffers;

namespace Mlp.Features;

/// <summary>
/// What a record of a latest view looks like: a word with the event's time and what kind of record it is; where the source says when events were
/// created, that moment; where rows have a tail, the bytes of the row and those stored of it; then the row.
/// </summary>
internal sealed class LatestPlan
{
    /// <summary>Bits of a record's first word below its time.</summary>
    public const int TagBits = 5;

    /// <summary>The entity was deleted at the record's time; there is no row.</summary>
    public const long Deleted = 1;

    /// <summary>The row's tail is compressed.</summary>
    public const long Compressed = 2;

    /// <summary>Works it out.</summary>
    /// <param name="view">The view.</param>
    /// <param name="schema">The rows': the view's, or an older one that a store still has rows of.</param>
    public LatestPlan(LatestView view, RowSchema schema)
    {
        Schema = schema;
        CreatedColumn = view.Source.CreatedColumn is { } created ? view.Source.IndexOf(created) : -1;
        LengthsAt = sizeof(long) * (HasCreated ? 2 : 1);
        RowAt = LengthsAt + (Schema.HasTail ? 2 * sizeof(int) : 0);
        FixedBytes = Schema.IsFloats ? Schema.FloatCount * sizeof(float) : Schema.FixedBytes;
        Tensor = new RowTensor(Schema);
        MissingRow = new byte[Schema.FixedBytes];
        foreach (ref readonly var field in Schema.Fields)
        {
            RowElements.SetMissing(MissingRow, field);
        }
    }

    public RowSchema Schema { get; }

    /// <summary>Index of the column of the source that says when an event was created; −1 where there is none.</summary>
    public int CreatedColumn { get; }

    public bool HasCreated => CreatedColumn >= 0;

    /// <summary>Where the two lengths are, of rows with a tail.</summary>
    public int LengthsAt { get; }

    /// <summary>Where the row begins.</summary>
    public int RowAt { get; }

    /// <summary>Bytes of the row's fixed part that are stored: all, but for what rounds up floats.</summary>
    public int FixedBytes { get; }

    /// <summary>How a row becomes floats.</summary>
    public RowTensor Tensor { get; }

    /// <summary>The fixed part of a row of which nothing is known: nullable columns are missing, numbers with a fraction NaN, all else is 0.</summary>
    public byte[] MissingRow { get; }

    /// <summary>The first word of a record.</summary>
    public static long WordOf(long micros, long tag) => (micros << TagBits) | tag;

    public static long MicrosOf(long word) => word >> TagBits;

    /// <summary>A row's bytes from the values of an event.</summary>
    public void Encode(ReadOnlySpan<FeatureValue> values, IBufferWriter<byte> destination) => RowCodec.Encode(Schema, values, destination);
}
