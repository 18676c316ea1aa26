using Mlp.Core;
using Mlp.Kernels;

namespace Mlp.Edge;

/// <summary>ONNX's <c>post_transform</c> over rows of scores.</summary>
internal static class ScoreTransform
{
    public static void Apply(PostTransform transform, Span<float> scores, int width)
    {
        switch (transform)
        {
            case PostTransform.Logistic:
                for (var i = 0; i < scores.Length; i++)
                {
                    scores[i] = Activations.Logistic(scores[i]);
                }

                break;
            case PostTransform.Softmax:
                for (var r = 0; r < scores.Length; r += width)
                {
                    Activations.Softmax(scores.Slice(r, width));
                }

                break;
            default:
                break;
        }
    }

    public static PostTransform Read(OnnxNode node) => node.Text("post_transform", "NONE") switch
    {
        "NONE" => PostTransform.None,
        "LOGISTIC" => PostTransform.Logistic,
        "SOFTMAX" => PostTransform.Softmax,
        var other => throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: the post transform '{other}' is not supported."),
    };

    /// <summary>The first of the largest, as ONNX Runtime picks it.</summary>
    public static int IndexOfLargest(ReadOnlySpan<float> row)
    {
        var best = 0;
        for (var i = 1; i < row.Length; i++)
        {
            if (row[i] > row[best])
            {
                best = i;
            }
        }

        return best;
    }
}
