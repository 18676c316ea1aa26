using System.Globalization;

namespace Mlp.Core;

/// <summary>Makes a model of what an XGBoost file says.</summary>
internal static class XgboostAssembly
{
    public static XgboostModel Build(XgboostDocument document, XgboostTrees trees)
    {
        var objective = XgboostObjective.Of(document.ObjectiveName ?? throw Invalid("no 'objective' with a name"));
        var booster = document.BoosterName switch
        {
            "gbtree" => XgboostBooster.GbTree,
            "dart" => XgboostBooster.Dart,
            "gblinear" => XgboostBooster.GbLinear,
            null => throw Invalid("no 'gradient_booster' with a name"),
            var other => throw Invalid($"the booster '{other}', which is not supported; expected gbtree, dart or gblinear"),
        };
        if (document.FeatureCount == 0)
        {
            throw Invalid("no features ('num_feature')");
        }

        if (document.FeatureNames.Length != 0 && document.FeatureNames.Length != document.FeatureCount)
        {
            throw Invalid($"{document.FeatureNames.Length} feature names for {document.FeatureCount} features");
        }

        if (document.FeatureTypes.Length != 0 && document.FeatureTypes.Length != document.FeatureCount)
        {
            throw Invalid($"{document.FeatureTypes.Length} feature types for {document.FeatureCount} features");
        }

        var targets = Math.Max(1, Math.Max(document.ClassCount, document.TargetCount));
        if (targets > TreeEnsembleBuilder.TargetsMax)
        {
            throw Invalid($"{targets} classes; expected {TreeEnsembleBuilder.TargetsMax} at most");
        }

        return booster == XgboostBooster.GbLinear ? Linear(document, objective, targets) : Trees(document, booster, objective, targets, trees);
    }

    private static XgboostModel Linear(XgboostDocument document, XgboostObjective objective, int targets)
    {
        var weights = document.LinearWeights ?? throw Invalid("no 'weights', which gblinear needs");
        if (weights.Length != (document.FeatureCount + 1L) * targets)
        {
            throw Invalid($"{weights.Length} 'weights' for {document.FeatureCount} features and a bias, each of {targets} targets");
        }

        if (Array.FindIndex(weights, float.IsNaN) is >= 0 and var nan)
        {
            throw Invalid($"a NaN in 'weights', the element {nan}");
        }

        return new XgboostModel(document, XgboostBooster.GbLinear, objective)
        {
            BestIteration = BestIteration(document),
            IterationCount = document.LinearRounds,
            IterationsUsed = document.LinearRounds,
            Linear = new LinearBooster(document.FeatureCount, targets, weights, BaseValues(document, objective, targets), objective.Transform),
        };
    }

    private static XgboostModel Trees(XgboostDocument document, XgboostBooster booster, XgboostObjective objective, int targets, XgboostTrees trees)
    {
        CheckTrees(document, booster, targets);
        var starts = IterationStarts(document, targets);
        var best = BestIteration(document);
        var used = starts.Length - 1;
        if (best is { } iteration && trees == XgboostTrees.Best)
        {
            used = iteration < used ? iteration + 1
                : throw Invalid($"{used} iterations, and says that the best is {iteration}, counted from 0; it may be the slice of another. Read it with {nameof(XgboostTrees)}.{nameof(XgboostTrees.All)}");
        }

        var builder = new TreeEnsembleBuilder(document.FeatureCount, targets);
        var nodes = new int[]?[starts[used]];
        for (var tree = 0; tree < nodes.Length; tree++)
        {
            nodes[tree] = document.Trees[tree].AddTo(builder, document.FeatureCount, document.TreeInfo[tree], document.TreeWeights?[tree] ?? 1);
        }

        var ensemble = builder.Build(new EnsembleOutput
        {
            BaseValues = Array.ConvertAll(BaseValues(document, objective, targets), value => (double)value),
            SumFromBase = true,
            PostTransform = objective.Transform,
            FeatureNames = document.FeatureNames,
            LabelNumbers = Labels(document, objective, targets),
            Objective = objective.Name,
        });
        return new XgboostModel(document, booster, objective, ensemble, nodes) { BestIteration = best, IterationCount = starts.Length - 1, IterationsUsed = used };
    }

    private static void CheckTrees(XgboostDocument document, XgboostBooster booster, int targets)
    {
        var count = document.Trees.Count;
        if (count == 0)
        {
            throw Invalid("no trees");
        }

        if (document.TreeCount is { } stated && stated != count)
        {
            throw Invalid($"{count} trees; 'num_trees' says {stated}");
        }

        if (document.TreeInfo.Length != count)
        {
            throw Invalid($"{document.TreeInfo.Length} elements in 'tree_info' for {count} trees");
        }

        if (booster == XgboostBooster.Dart ? document.TreeWeights?.Length != count : document.TreeWeights is not null)
        {
            throw Invalid($"{document.TreeWeights?.Length ?? 0} elements in 'weight_drop' for {count} trees of {document.BoosterName}");
        }

        for (var tree = 0; tree < count; tree++)
        {
            if ((uint)document.TreeInfo[tree] >= (uint)targets)
            {
                throw Tree(tree, $"the target {document.TreeInfo[tree]} of {targets} in 'tree_info'");
            }

            if (document.Trees[tree].LeafSize != 1 && document.Trees[tree].LeafSize != targets)
            {
                throw Tree(tree, $"leaves of {document.Trees[tree].LeafSize} targets ('size_leaf_vector') for {targets}");
            }

            if (document.TreeWeights is not null && !float.IsFinite(document.TreeWeights[tree]))
            {
                throw Tree(tree, $"the weight {document.TreeWeights[tree]} in 'weight_drop'");
            }
        }
    }

    // Where each iteration's trees begin, and the number of trees. In older files, which do not say, each iteration has the same number of them.
    private static int[] IterationStarts(XgboostDocument document, int targets)
    {
        var count = document.Trees.Count;
        if (document.IterationStarts is { } starts)
        {
            if (starts.Length < 2 || starts[0] != 0 || starts[^1] != count)
            {
                throw Invalid($"an 'iteration_indptr' that does not lead from 0 to its {count} trees");
            }

            for (var i = 1; i < starts.Length; i++)
            {
                if (starts[i] <= starts[i - 1])
                {
                    throw Invalid($"an iteration without trees in 'iteration_indptr': {starts[i - 1]} to {starts[i]}");
                }
            }

            return starts;
        }

        // A tree whose leaves are vectors is for all targets.
        var each = (document.Trees[0].LeafSize == 1 ? targets : 1L) * Math.Max(1, document.ParallelTrees);
        if (count % each != 0)
        {
            throw Invalid($"{count} trees, which are no whole iterations of {each} ('num_parallel_tree' {document.ParallelTrees}, {targets} targets)");
        }

        var whole = new int[(count / each) + 1];
        for (var i = 0; i < whole.Length; i++)
        {
            whole[i] = (int)(i * each);
        }

        return whole;
    }

    private static int? BestIteration(XgboostDocument document) => document.BestIteration switch
    {
        null => null,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var iteration) => iteration,
        var text => throw Invalid($"the 'best_iteration' '{text}'; expected a count from 0"),
    };

    private static float[] BaseValues(XgboostDocument document, XgboostObjective objective, int targets)
    {
        var text = (document.BaseScore ?? throw Invalid("no 'base_score'")).Trim();
        var scores = text is ['[', .., ']'] ? text[1..^1].Split(',') : [text];
        if (scores.Length != 1 && scores.Length != targets)
        {
            throw Invalid($"{scores.Length} values in 'base_score' for {targets} targets");
        }

        var values = new float[targets];
        for (var target = 0; target < targets; target++)
        {
            var score = scores[scores.Length == 1 ? 0 : target];
            values[target] = float.TryParse(score, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                ? objective.Margin(value, document.Version)
                : throw Invalid($"the 'base_score' '{(text.Length > 40 ? text[..40] : text)}'; expected a number or a list of them");
        }

        return values;
    }

    private static long[] Labels(XgboostDocument document, XgboostObjective objective, int targets)
    {
        var count = objective.IsBinary && targets == 1 ? 2 : objective.IsMulticlass && document.ClassCount == targets ? targets : 0;
        var labels = new long[count];
        for (var i = 0; i < count; i++)
        {
            labels[i] = i;
        }

        return labels;
    }

    private static MlpException Tree(int tree, string found) => new(ErrorCodes.ModelInvalid, $"Tree {tree} has {found}.");

    private static MlpException Invalid(string found) => new(ErrorCodes.ModelInvalid, $"The model has {found}.");
}
