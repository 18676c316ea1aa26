using Mlp.Core;
using Mlp.Kernels;

namespace Mlp.Edge;

/// <summary><c>ai.onnx.ml.TreeEnsembleClassifier</c>: label and a score for each class.</summary>
/// <remarks>
/// The specification leaves two classes open; this is what ONNX Runtime does. Weights for class 0 alone are the margin x of class 1: where all
/// are positive x is a probability, the scores are (1 − x, x) and more than 0.5 is class 1; else they are (−x, x) and more than 0 is class 1; with
/// LOGISTIC the scores are the logistic of (−x, x) in either case. With weights for class 1, scores are as stated, and class 1 is chosen by its own score, more than 0.5 where all
/// weights are for it and positive, else more than 0. (ONNX Runtime drops weights beside two base values, and gives the label 1 or 0 whatever
/// the labels are; neither is copied.) Of three classes and more the largest wins, the first of equals, among those that have a weight in
/// some leaf of the row or a base value.
/// </remarks>
internal sealed class TreeClassifier : IEdgeOperator
{
    private const int StackClassesMax = 256;

    private readonly TreeEnsemble _ensemble;
    private readonly TreeRows _rows;
    private readonly bool _isMargin;
    private readonly bool _positive;
    private readonly bool _ragged;
    private readonly int? _decider;
    private readonly long[] _labels;
    private readonly EdgeValue _label;
    private readonly EdgeValue _scores;
    private readonly EdgeValue _raw;

    private TreeClassifier(OnnxNode node, EdgeGraphBuilder builder)
    {
        var input = TreeRows.Input(node, builder);
        var trees = TreeEnsembleNode.Read(node, input.Width, input.Type);
        _ensemble = trees.Ensemble;
        _rows = new TreeRows(_ensemble, input);
        _isMargin = trees.IsMargin;
        _positive = trees.OnlyClass is not null;
        foreach (var weight in _ensemble.Weights)
        {
            _positive &= weight.Weight >= 0;
        }

        var output = _ensemble.Output;
        string[]? texts = output.LabelTexts.Count == 0 ? null : [.. output.LabelTexts];
        var classes = Math.Max(output.LabelNumbers.Count, output.LabelTexts.Count);
        _labels = new long[classes];
        for (var i = 0; i < classes; i++)
        {
            _labels[i] = texts is null ? output.LabelNumbers[i] : i;
        }

        _decider = classes == 2 ? (_isMargin || trees.OnlyClass == 0 ? 0 : 1) : null;
        _ragged = classes > 2 && output.BaseValues.Count == 0 && !EveryClassHasAWeight(_ensemble);
        _label = builder.Output(node, 0, texts is null ? ElementType.Int64 : ElementType.String, [], texts);
        _scores = builder.Output(node, 1, ElementType.Float32, classes);
        _raw = builder.Scratch(_ensemble.Sum, _ensemble.TargetCount);
    }

    public static IEdgeOperator Prepare(OnnxNode node, EdgeGraphBuilder builder) => new TreeClassifier(node, builder);

    public void Run(in EdgeFrame frame)
    {
        if (_raw.Type == ElementType.Float64)
        {
            var raw = frame.Doubles(_raw);
            _rows.Score(frame, raw);
            Finish(frame, raw);
        }
        else
        {
            var raw = frame.Floats(_raw);
            _rows.Score(frame, raw);
            Finish(frame, raw);
        }
    }

    private void Finish<T>(in EdgeFrame frame, Span<T> raw)
        where T : unmanaged
    {
        var labels = frame.Longs(_label);
        var scores = frame.Floats(_scores);
        var targets = _raw.Width;
        for (var r = 0; r < frame.Rows; r++)
        {
            var row = raw.Slice(r * targets, targets);
            var index = _decider is { } decider ? (Real.ToDouble(row[decider]) > (_positive ? 0.5 : 0) ? 1 : 0)
                : _ragged ? LargestReached<T>(frame, r, row)
                : ScoreTransform.IndexOfLargest<T>(row);
            labels[r] = _labels[index];
            if (_isMargin)
            {
                WriteMargin(Real.ToFloat(row[0]), scores.Slice(2 * r, 2));
                continue;
            }

            for (var k = 0; k < targets; k++)
            {
                scores[(r * targets) + k] = Real.ToFloat(row[k]);
            }
        }

        // One class alone has no transform but PROBIT.
        if (!_isMargin && (targets > 1 || _ensemble.PostTransform == PostTransform.Probit))
        {
            ScoreTransform.Apply(_ensemble.PostTransform, scores, targets);
        }
    }

    private void WriteMargin(float x, Span<float> scores)
    {
        switch (_ensemble.PostTransform)
        {
            case PostTransform.Probit:
                // ONNX Runtime writes the first score alone.
                scores[0] = x;
                ScoreTransform.Apply(PostTransform.Probit, scores[..1], 1);
                scores[1] = 0;
                break;
            case PostTransform.Logistic:
                (scores[0], scores[1]) = (Activations.Logistic(-x), Activations.Logistic(x));
                break;
            default:
                (scores[0], scores[1]) = (_positive ? 1 - x : -x, x);
                break;
        }
    }

    private int LargestReached<T>(in EdgeFrame frame, int row, ReadOnlySpan<T> scores)
        where T : unmanaged
    {
        var reached = scores.Length <= StackClassesMax ? stackalloc bool[scores.Length] : new bool[scores.Length];
        _rows.Reached(frame, row, reached);
        var best = -1;
        for (var k = 0; k < scores.Length; k++)
        {
            if (reached[k] && (best < 0 || Real.ToDouble(scores[k]) > Real.ToDouble(scores[best])))
            {
                best = k;
            }
        }

        return Math.Max(best, 0);
    }

    // Whether each class has a tree all of whose leaves have a weight for it: then no row leaves it out.
    private static bool EveryClassHasAWeight(TreeEnsemble ensemble)
    {
        var covered = new bool[ensemble.TargetCount];
        var seen = new (int Leaf, int Tree, int Leaves)[ensemble.TargetCount];
        var left = ensemble.TargetCount;
        for (int tree = 0, leaf = 0; tree < ensemble.Roots.Length && left > 0; tree++)
        {
            var nodes = ensemble.NodesOf(tree);

            // A tree of two ways a node has one leaf more than it has other nodes.
            var leaves = (nodes.Length + 1) / 2;
            foreach (ref readonly var node in nodes)
            {
                if (node.Mode != NodeMode.Leaf)
                {
                    continue;
                }

                leaf++;
                foreach (var weight in ensemble.WeightsOf(node))
                {
                    ref var last = ref seen[weight.Target];
                    if (last.Leaf == leaf)
                    {
                        continue;
                    }

                    last = (leaf, tree, last.Tree == tree ? last.Leaves + 1 : 1);
                    if (last.Leaves == leaves && !covered[weight.Target])
                    {
                        covered[weight.Target] = true;
                        left--;
                    }
                }
            }
        }

        return left == 0;
    }
}
