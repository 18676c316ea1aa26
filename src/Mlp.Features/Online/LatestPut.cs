namespace Mlp.Features;

/// <summary>What a put of a row of a latest view brings along. It stands still until the put has ended, as does what it points to.</summary>
internal unsafe struct LatestPut
{
    /// <summary>The record's first word: its time and what kind of record it is.</summary>
    public long Word;

    /// <summary>When the event was created.</summary>
    public long Created;

    /// <summary>The row as it is stored.</summary>
    public byte* Stored;

    public int StoredBytes;

    /// <summary>Bytes of the row before its tail was compressed.</summary>
    public int RowBytes;

    /// <summary>The row takes the place of what is there, whatever its time.</summary>
    public bool Always;

    /// <summary>A whole record that this row takes the place of, should it still be there; null where there is none.</summary>
    public byte* Expected;

    public int ExpectedBytes;

    /// <summary>Set where another row of the same time is there: both have to be looked at column by column, and nothing has changed.</summary>
    public bool MeetsAnother;
}

/// <summary>What a read of a latest view's record copies.</summary>
internal enum ReadInto
{
    /// <summary>Its floats.</summary>
    Tensor,

    /// <summary>The fixed part of its row.</summary>
    FixedPart,

    /// <summary>The whole record, if its row is one that the request's time may see.</summary>
    Record,

    /// <summary>The whole record, whatever it is.</summary>
    Anything,
}
