namespace Mlp.Kernels;

/// <summary>A walk, and the rows that it is the best one for.</summary>
/// <param name="Walk">The walk.</param>
/// <param name="Rows">Most rows of one call.</param>
/// <param name="RowsMin">Rows from which it is the best; at least 1.</param>
/// <param name="Nanoseconds">What a row took where <paramref name="Rows"/> came at once; 0 where nothing was measured.</param>
internal readonly record struct TreeStride(ITreeWalk Walk, int Rows, int RowsMin, double Nanoseconds);
