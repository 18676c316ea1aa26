using Mlp.Core;
using Mlp.Edge;

namespace Mlp.Benchmarks;

/// <summary>What of a tree model is compared.</summary>
internal static class TreeAnswers
{
    private const double LargestDifference = 1e-5;

    /// <summary>The last output of floats.</summary>
    public static int ProbabilitiesOf(EdgeModel model) => Enumerable.Range(0, model.Signature.Outputs.Length).Last(i => model.Signature.Outputs[i].Type == ElementType.Float32);

    /// <summary>Compares a row's answers.</summary>
    /// <exception cref="WrongAnswerException">They differ by more than the order of a sum explains.</exception>
    public static void Check(int row, ReadOnlySpan<float> ours, ReadOnlySpan<float> theirs, string peer)
    {
        for (var k = 0; k < theirs.Length; k++)
        {
            if (!(Math.Abs(ours[k] - theirs[k]) < LargestDifference))
            {
                throw new WrongAnswerException($"row {row}: Mlp.Edge gives {ours[k]}, {peer} {theirs[k]}.");
            }
        }
    }
}
