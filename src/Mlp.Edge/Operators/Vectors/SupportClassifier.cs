using Mlp.Core;
using Mlp.Kernels;

namespace Mlp.Edge;

/// <summary>
/// <c>ai.onnx.ml.SVMClassifier</c> of support vectors: LIBSVM's one against one. Each pair of classes has a score and votes for one of the two; most
/// votes win, the first of equals. With prob_a and prob_b the pairs' probabilities are coupled into one a class.
/// </summary>
/// <remarks>
/// What the specification leaves open is as in ONNX Runtime: without probabilities two classes have the scores (−x, x), with LOGISTIC the
/// logistic of them, with another transform (1 − x, x); and more classes have a score a pair.
/// </remarks>
internal sealed class SupportClassifier : IEdgeOperator
{
    private readonly SupportKernel _kernel;
    private readonly PairwiseCoupling? _coupling;
    private readonly float[] _coefficients;
    private readonly float[] _rho;
    private readonly int[] _starts;
    private readonly PostTransform _transform;
    private readonly ClassLabels _labels;
    private readonly EdgeValue _input;
    private readonly EdgeValue _values;
    private readonly EdgeValue _pairs;
    private readonly EdgeValue _votes;
    private readonly EdgeValue _scores;

    private SupportClassifier(OnnxNode node, EdgeGraphBuilder builder, long[] perClass)
    {
        _input = FloatRows.Of(node, builder, 0);
        _labels = ClassLabels.Read(node, builder);
        var classes = _labels.Count;
        _starts = Starts(node, perClass, classes);
        _kernel = SupportKernel.Read(node, builder, _input.Width, _starts[^1]);
        _coefficients = node.Floats("coefficients");
        _rho = node.Floats("rho");
        _transform = ScoreTransform.Read(node);
        var pairs = classes * (classes - 1) / 2;
        if (_coefficients.Length != (classes - 1L) * _kernel.Count || _rho.Length != pairs)
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: {_coefficients.Length} coefficients and {_rho.Length} rho; expected {(classes - 1L) * _kernel.Count} and {pairs} for {classes} classes of {_kernel.Count} vectors.");
        }

        _coupling = PairwiseCoupling.Read(node, builder, classes);
        if (_coupling is null && classes == 2 && _transform == PostTransform.Probit)
        {
            throw builder.Unsupported(node, "the attribute 'post_transform' = 'PROBIT' with two classes and no probabilities", "NONE, LOGISTIC, SOFTMAX or SOFTMAX_ZERO");
        }

        _values = builder.Scratch(ElementType.Float32, _kernel.Count);
        _votes = builder.Scratch(ElementType.Int32, classes);
        _scores = builder.Output(node, 1, ElementType.Float32, _coupling is not null ? classes : classes == 2 ? 2 : pairs);
        _pairs = _coupling is not null || classes == 2 ? builder.Scratch(ElementType.Float32, pairs) : _scores;
    }

    public static IEdgeOperator Prepare(OnnxNode node, EdgeGraphBuilder builder)
    {
        long[] perClass = node.Ints("vectors_per_class");
        return Array.Exists(perClass, static count => count != 0) ? new SupportClassifier(node, builder, perClass) : LinearSupportClassifier.Of(node, builder);
    }

    public void Run(in EdgeFrame frame)
    {
        var rows = frame.Floats(_input);
        var chosen = _labels.Rows(frame);
        var scores = frame.Floats(_scores);
        for (var r = 0; r < frame.Rows; r++)
        {
            var values = frame.Floats(_values).Slice(r * _values.Width, _values.Width);
            var pairs = frame.Floats(_pairs).Slice(r * _pairs.Width, _pairs.Width);
            var votes = frame.Of<int>(_votes).Slice(r * _votes.Width, _votes.Width);
            _kernel.Of(rows.Slice(r * _input.Width, _input.Width), values);
            Compare(values, pairs, votes);
            chosen[r] = _labels.Of(MostVotes(votes));
            var row = scores.Slice(r * _scores.Width, _scores.Width);
            if (_coupling is not null)
            {
                _coupling.Probabilities(frame, r, pairs, row);
            }
            else if (votes.Length == 2)
            {
                (row[0], row[1]) = _transform switch
                {
                    PostTransform.None => (-pairs[0], pairs[0]),
                    PostTransform.Logistic => (Activations.Logistic(-pairs[0]), Activations.Logistic(pairs[0])),
                    _ => (1 - pairs[0], pairs[0]),
                };
            }
        }

        if (_coupling is not null || _labels.Count > 2)
        {
            ScoreTransform.Apply(_transform, scores, _scores.Width);
        }
    }

    // Row j - 1 of the coefficients has those of class i against j where the vector is of class i < j, and row i those where it is of class j.
    private void Compare(ReadOnlySpan<float> values, Span<float> pairs, Span<int> votes)
    {
        votes.Clear();
        for (int i = 0, pair = 0; i < votes.Length - 1; i++)
        {
            for (var j = i + 1; j < votes.Length; j++, pair++)
            {
                var sum = Weighted(values, j - 1, i) + Weighted(values, i, j) + _rho[pair];
                pairs[pair] = (float)sum;
                votes[sum > 0 ? i : j]++;
            }
        }
    }

    private double Weighted(ReadOnlySpan<float> values, int row, int ofClass)
    {
        var sum = 0.0;
        var coefficients = _coefficients.AsSpan(row * values.Length, values.Length);
        for (var i = _starts[ofClass]; i < _starts[ofClass + 1]; i++)
        {
            sum += (double)coefficients[i] * values[i];
        }

        return sum;
    }

    private static int MostVotes(ReadOnlySpan<int> votes)
    {
        var best = 0;
        for (var i = 1; i < votes.Length; i++)
        {
            best = votes[i] > votes[best] ? i : best;
        }

        return best;
    }

    private static int[] Starts(OnnxNode node, long[] perClass, int classes)
    {
        if (perClass.Length != classes)
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: {perClass.Length} vectors_per_class for {classes} classes.");
        }

        var starts = new int[classes + 1];
        for (var i = 0; i < classes; i++)
        {
            starts[i + 1] = perClass[i] is >= 0 and < 1 << 24
                ? checked(starts[i] + (int)perClass[i])
                : throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: {perClass[i]} vectors of class {i}; expected 0 to {(1 << 24) - 1}.");
        }

        return starts;
    }
}
