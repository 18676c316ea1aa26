namespace Mlp.Core;

/// <summary>Rows with the answers that a model has to give: what a loader checks before the model takes a request.</summary>
public sealed record GoldenExamples
{
    /// <summary>The file's usual name in a package.</summary>
    public const string FileName = "golden.json";

    /// <summary>How far an answer may be from the expected one, relative to the larger of its size and 1. Integers and truth values have to be equal.</summary>
    public double Tolerance { get; init; } = 1e-4;

    /// <summary>The examples.</summary>
    public required IReadOnlyList<GoldenExample> Examples { get; init; }
}

/// <summary>One row.</summary>
/// <param name="Inputs">The elements of every input's row by name; NaN for what is missing.</param>
/// <param name="Outputs">The expected elements of some outputs' rows by name.</param>
public sealed record GoldenExample(IReadOnlyDictionary<string, double[]> Inputs, IReadOnlyDictionary<string, double[]> Outputs);
