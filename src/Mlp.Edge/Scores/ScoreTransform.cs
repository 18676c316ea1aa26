using Mlp.Core;
using Mlp.Kernels;

namespace Mlp.Edge;

/// <summary>What is done with rows of raw scores at the end, in place: all of <see cref="PostTransform"/>, each in one place.</summary>
internal static class ScoreTransform
{
    // Winitzki's a.
    private const double ProbitA = 0.147f;

    /// <summary>Transforms rows; <see cref="PostTransform.ArgMax"/> is left to <see cref="IndexOfLargest"/>, as it changes the number of columns.</summary>
    /// <param name="transform">Which.</param>
    /// <param name="scores">Row-major, overwritten.</param>
    /// <param name="width">Scores of a row.</param>
    /// <param name="scale">Factor of a logistic's score.</param>
    public static void Apply(PostTransform transform, Span<float> scores, int width, double scale = 1)
    {
        if (transform == PostTransform.Logistic && scale == 1)
        {
            for (var i = 0; i < scores.Length; i++)
            {
                scores[i] = Activations.Logistic(scores[i]);
            }
        }
        else if (transform == PostTransform.Softmax)
        {
            for (var r = 0; r < scores.Length; r += width)
            {
                Activations.Softmax(scores.Slice(r, width));
            }
        }
        else
        {
            ApplyInDouble(transform, scores, width, scale);
        }
    }

    /// <inheritdoc cref="Apply(PostTransform, Span{float}, int, double)"/>
    public static void Apply(PostTransform transform, Span<double> scores, int width, double scale = 1) => ApplyInDouble(transform, scores, width, scale);

    /// <summary>ONNX's names of transforms.</summary>
    public static PostTransform Read(OnnxNode node) => node.Text("post_transform", "NONE") switch
    {
        "NONE" => PostTransform.None,
        "LOGISTIC" => PostTransform.Logistic,
        "SOFTMAX" => PostTransform.Softmax,
        "SOFTMAX_ZERO" => PostTransform.SoftmaxZero,
        "PROBIT" => PostTransform.Probit,
        var other => throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: the post transform '{other}' is not supported."),
    };

    /// <summary>The first of the largest, as ONNX Runtime picks it.</summary>
    public static int IndexOfLargest<T>(ReadOnlySpan<T> row)
        where T : unmanaged
    {
        var best = 0;
        for (var i = 1; i < row.Length; i++)
        {
            if (Real.ToDouble(row[i]) > Real.ToDouble(row[best]))
            {
                best = i;
            }
        }

        return best;
    }

    private static void ApplyInDouble<T>(PostTransform transform, Span<T> scores, int width, double scale)
        where T : unmanaged
    {
        switch (transform)
        {
            case PostTransform.Softmax or PostTransform.SoftmaxZero:
                for (var r = 0; r < scores.Length; r += width)
                {
                    Softmax(scores.Slice(r, width), skipsZeros: transform == PostTransform.SoftmaxZero);
                }

                break;
            case PostTransform.None or PostTransform.ArgMax:
                break;
            default:
                for (var i = 0; i < scores.Length; i++)
                {
                    scores[i] = Real.Of<T>(Of(transform, Real.ToDouble(scores[i]), scale));
                }

                for (var r = 0; transform == PostTransform.OneAgainstAll && r < scores.Length; r += width)
                {
                    Normalise(scores.Slice(r, width));
                }

                break;
        }
    }

    private static double Of(PostTransform transform, double x, double scale) => transform switch
    {
        PostTransform.Logistic or PostTransform.OneAgainstAll => Logistic(x * scale),
        PostTransform.Probit => Probit(x),
        PostTransform.Exp => Math.Exp(x),
        PostTransform.Hinge => x > 0 ? 1 : 0,
        PostTransform.SignedSquare => Math.CopySign(x * x, x),
        _ => LogOnePlusExp(x),
    };

    private static double Logistic(double x)
    {
        var e = Math.Exp(-Math.Abs(x));
        return (x < 0 ? e : 1) / (1 + e);
    }

    private static double Probit(double x)
    {
        var y = (2 * x) - 1;
        var log = Math.Log((1 - y) * (1 + y));
        var v = (2 / (Math.PI * ProbitA)) + (0.5 * log);
        var root = Math.Sqrt(Math.Sqrt((v * v) - (log / ProbitA)) - v);
        return Math.Sqrt(2) * (y < 0 ? -root : root);
    }

    // exp overflows where log(1 + exp(x)) is x itself to the last bit.
    private static double LogOnePlusExp(double x) => x > 40 ? x : double.LogP1(Math.Exp(x));

    private static void Softmax<T>(Span<T> row, bool skipsZeros)
        where T : unmanaged
    {
        const double Zero = 1e-7f;
        var max = double.NegativeInfinity;
        foreach (var x in row)
        {
            max = Math.Max(max, Real.ToDouble(x));
        }

        var sum = 0.0;
        for (var i = 0; i < row.Length; i++)
        {
            var x = Real.ToDouble(row[i]);
            if (skipsZeros && Math.Abs(x) <= Zero)
            {
                row[i] = Real.Of<T>(x * Math.Exp(-max));
                continue;
            }

            x = Math.Exp(x - max);
            sum += x;
            row[i] = Real.Of<T>(x);
        }

        for (var i = 0; i < row.Length; i++)
        {
            row[i] = Real.Of<T>(Real.ToDouble(row[i]) / sum);
        }
    }

    private static void Normalise<T>(Span<T> row)
        where T : unmanaged
    {
        var sum = 0.0;
        foreach (var x in row)
        {
            sum += Real.ToDouble(x);
        }

        for (var i = 0; i < row.Length; i++)
        {
            row[i] = Real.Of<T>(Real.ToDouble(row[i]) / sum);
        }
    }
}
