namespace Mlp.Features;

/// <summary>Where a column lies in a row.</summary>
/// <param name="Column">The column.</param>
/// <param name="Offset">First byte in the fixed part; of a text or list that of its <see cref="TailRange"/>.</param>
/// <param name="NullBit">The bit that is set where the value is missing; −1 of a column that always has one.</param>
/// <param name="FirstFloat">Its first float in a tensor; −1 where it has none.</param>
internal readonly record struct RowField(Column Column, int Offset, int NullBit, int FirstFloat);
