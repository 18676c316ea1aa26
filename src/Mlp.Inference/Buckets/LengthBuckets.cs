using Mlp.Core;

namespace Mlp.Inference;

/// <summary>
/// Batches for inputs whose length each call chooses: a text's tokens, a sound's frames. A call's rows are filled up to the next of a few
/// lengths and share batches with calls of the same one; the answer is cut back to the call's own length.
/// </summary>
/// <remarks>
/// The model has to give the same answer with and without what fills a row up, as it does with an attention mask among its inputs (filled
/// up with zeros). What the filling costs is measured by <c>mlp.inference.padding</c>.
/// </remarks>
public sealed record LengthBuckets
{
    /// <summary>Most lengths.</summary>
    public const int LengthsMax = 32;

    /// <summary>The lengths, ascending. A longer call is run alone, as it is.</summary>
    public IReadOnlyList<int> Lengths { get; init; } = [16, 32, 64, 128, 256];

    /// <summary>What an input is filled up with, by its name; 0 for those that are not named, the empty text for strings.</summary>
    public IReadOnlyDictionary<string, double> Padding { get; init; } = new Dictionary<string, double>();

    /// <summary>Whether answers are cut back to the call's length. Without it an output keeps what the bucket's length gives, as one that has an eighth of the steps of its input needs.</summary>
    public bool CutsOutputs { get; init; } = true;

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">No lengths, too many, or not ascending.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Lengths);
        ArgumentNullException.ThrowIfNull(Padding);
        if (Lengths.Count is 0 or > LengthsMax)
        {
            throw new ArgumentException($"{Lengths.Count} lengths; expected 1 to {LengthsMax}.", nameof(Lengths));
        }

        for (var i = 0; i < Lengths.Count; i++)
        {
            if (Lengths[i] <= (i == 0 ? 0 : Lengths[i - 1]))
            {
                throw new ArgumentException($"The lengths {string.Join(", ", Lengths)} do not ascend from 1 on.", nameof(Lengths));
            }
        }
    }
}
