using Mlp.Core;

namespace Mlp.Edge;

/// <summary>
/// Probabilities of classes from those of pairs: the second method of Wu, Lin and Weng, "Probability Estimates for Multi-class Classification by
/// Pairwise Coupling" (2004), by the iteration and the stopping rule of LIBSVM, in floats as ONNX Runtime.
/// </summary>
internal sealed class PairwiseCoupling(float[] a, float[] b, int classes, EdgeValue scratch)
{
    private const int Rounds = 100;
    private const float Least = 1e-7f;

    /// <summary>Reads <c>prob_a</c> and <c>prob_b</c>; null where there are none.</summary>
    public static PairwiseCoupling? Read(OnnxNode node, EdgeGraphBuilder builder, int classes)
    {
        float[] a = node.Floats("prob_a"), b = node.Floats("prob_b");
        var pairs = classes * (classes - 1) / 2;
        return (a.Length, b.Length) == (0, 0) ? null
            : (a.Length, b.Length) == (pairs, pairs) ? new PairwiseCoupling(a, b, classes, builder.Scratch(ElementType.Float32, (2 * classes * classes) + classes))
            : throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: {a.Length} prob_a and {b.Length} prob_b; expected {pairs} of each for {classes} classes, or none.");
    }

    /// <summary>The probabilities of a row's classes.</summary>
    /// <param name="frame">The run.</param>
    /// <param name="row">Which row.</param>
    /// <param name="pairs">Its scores of pairs.</param>
    /// <param name="result">One a class.</param>
    public void Probabilities(in EdgeFrame frame, int row, ReadOnlySpan<float> pairs, Span<float> result)
    {
        var memory = frame.Floats(scratch).Slice(row * scratch.Width, scratch.Width);
        var r = memory[..(classes * classes)];
        var q = memory.Slice(classes * classes, classes * classes);
        var qp = memory[(2 * classes * classes)..];
        for (int i = 0, pair = 0; i < classes - 1; i++)
        {
            for (var j = i + 1; j < classes; j++, pair++)
            {
                var x = (pairs[pair] * a[pair]) + b[pair];
                var p = Math.Clamp(1 - Kernels.Activations.Logistic(x), Least, 1 - Least);
                (r[(i * classes) + j], r[(j * classes) + i]) = (p, 1 - p);
            }
        }

        Fill(r, q);
        result.Fill(1f / classes);
        for (var round = 0; round < Rounds && !IsSettled(q, qp, result, out var pqp); round++)
        {
            Improve(q, qp, result, pqp);
        }
    }

    private void Fill(ReadOnlySpan<float> r, Span<float> q)
    {
        for (var i = 0; i < classes; i++)
        {
            var sum = 0f;
            for (var j = 0; j < classes; j++)
            {
                if (j != i)
                {
                    var other = r[(j * classes) + i];
                    sum += other * other;
                    q[(i * classes) + j] = -other * r[(i * classes) + j];
                }
            }

            q[(i * classes) + i] = sum;
        }
    }

    private bool IsSettled(ReadOnlySpan<float> q, Span<float> qp, ReadOnlySpan<float> p, out float pqp)
    {
        pqp = 0;
        for (var i = 0; i < classes; i++)
        {
            qp[i] = 0;
            for (var j = 0; j < classes; j++)
            {
                qp[i] += q[(i * classes) + j] * p[j];
            }

            pqp += p[i] * qp[i];
        }

        var error = 0f;
        for (var i = 0; i < classes; i++)
        {
            error = Math.Max(error, Math.Abs(qp[i] - pqp));
        }

        return error < 0.005f / classes;
    }

    private void Improve(ReadOnlySpan<float> q, Span<float> qp, Span<float> p, float pqp)
    {
        for (var i = 0; i < classes; i++)
        {
            var own = q[(i * classes) + i];
            var step = (pqp - qp[i]) / own;
            p[i] += step;
            pqp = (pqp + (step * ((step * own) + (2 * qp[i])))) / (1 + step) / (1 + step);
            for (var j = 0; j < classes; j++)
            {
                qp[j] = (qp[j] + (step * q[(i * classes) + j])) / (1 + step);
                p[j] /= 1 + step;
            }
        }
    }
}
