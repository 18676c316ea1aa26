namespace Mlp.Monitoring;

/// <summary>Rows of about the same predicted probability, and what came of them.</summary>
/// <param name="Rows">Rows in the bin.</param>
/// <param name="ProbabilityMin">Smallest predicted probability.</param>
/// <param name="ProbabilityMax">Largest predicted probability.</param>
/// <param name="MeanProbability">Mean predicted probability.</param>
/// <param name="PositiveShare">Share of the rows that are positive: equal to <paramref name="MeanProbability"/> where the model is calibrated.</param>
public readonly record struct CalibrationBin(long Rows, float ProbabilityMin, float ProbabilityMax, double MeanProbability, double PositiveShare);

/// <summary>A point of the ROC curve: rows with a probability of at least <paramref name="Threshold"/> count as predicted positive.</summary>
/// <param name="FalsePositiveRate">Share of the negative rows that are predicted positive.</param>
/// <param name="TruePositiveRate">Share of the positive rows that are predicted positive.</param>
/// <param name="Threshold">The probability; positive infinity at the curve's start.</param>
public readonly record struct RocPoint(double FalsePositiveRate, double TruePositiveRate, double Threshold);
