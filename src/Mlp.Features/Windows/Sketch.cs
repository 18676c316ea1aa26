namespace Mlp.Features;

/// <summary>A sketch of a column: a map from keys to counts, so that parts are merged by adding them up in any order.</summary>
/// <param name="Kind">Distinct, Quantile or TopValues.</param>
/// <param name="Column">Index of the column's word.</param>
/// <param name="IsInteger">Whether the words are integers.</param>
/// <param name="IsText">Whether they are hashes of texts.</param>
/// <param name="Bits">Registers or bins of an octave, as a power of two.</param>
internal readonly record struct Sketch(AggregateKind Kind, int Column, bool IsInteger, bool IsText, int Bits)
{
    public static Sketch Of(Aggregate aggregate, int column, WordForm form)
    {
        var bits = aggregate.Kind switch
        {
            AggregateKind.Distinct => aggregate.Precision,
            AggregateKind.Quantile => RelativeBins.Bits(aggregate.RelativeError),
            _ => 0,
        };
        var kind = aggregate.Kind == AggregateKind.TopShares ? AggregateKind.TopValues : aggregate.Kind;
        return new Sketch(kind, column, form == WordForm.Integer, form == WordForm.Text, bits);
    }

    /// <summary>Where a value is counted; false for NaN, which is none.</summary>
    public bool TryKey(long word, out long key)
    {
        key = 0;
        if (!IsInteger && !IsText && ColumnWord.IsNaN(word))
        {
            return false;
        }

        key = Kind switch
        {
            AggregateKind.Distinct => HyperLogLog.Key(word, Bits),
            AggregateKind.Quantile => RelativeBins.Key(IsInteger ? word : BitConverter.Int64BitsToDouble(word), Bits),
            _ => word,
        };
        return true;
    }
}
