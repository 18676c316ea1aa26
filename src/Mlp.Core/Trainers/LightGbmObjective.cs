using System.Text;

namespace Mlp.Core;

/// <summary>What a LightGBM model aimed at, and the link that follows from it: <c>ConvertOutput</c> of each class under LightGBM's <c>src/objective</c>.</summary>
internal readonly record struct LightGbmObjective
{
    private LightGbmObjective(string text, PostTransform transform, double scale = 1, int? classes = null)
    {
        Text = text;
        Transform = transform;
        Scale = scale;
        Classes = classes;
    }

    /// <summary>The objective and its parameters as the file has them; empty where it states none.</summary>
    public string Text { get; }

    public PostTransform Transform { get; }

    /// <summary>The parameter <c>sigmoid</c>.</summary>
    public double Scale { get; }

    /// <summary>Of a classifier: how many classes it tells apart; null for others.</summary>
    public int? Classes { get; }

    /// <summary>Raw scores a row that the objective has; null where any number will do (an objective of the user's own).</summary>
    public int? Targets => Text.Length == 0 ? null : Transform == PostTransform.Softmax || IsOneAgainstAll ? Classes : 1;

    private bool IsOneAgainstAll => Text.StartsWith("multiclassova", StringComparison.Ordinal);

    /// <summary>Of a model that states none: it was trained on gradients of the user's own, whose link only the user knows.</summary>
    public static LightGbmObjective None { get; } = new("", PostTransform.None);

    public static LightGbmObjective Read(scoped in LightGbmText line)
    {
        var words = new LightGbmNumbers(line.Value);
        words.Next(out var name);
        var parameters = line.Value[name.Length..];
        var text = Encoding.UTF8.GetString(line.Value);
        switch (Encoding.UTF8.GetString(name))
        {
            case "regression" or "regression_l1" or "huber" or "fair" or "quantile" or "mape":
                return new(text, Has(parameters, "sqrt"u8) ? PostTransform.SignedSquare : PostTransform.None);
            case "poisson" or "gamma" or "tweedie":
                return new(text, PostTransform.Exp);
            case "lambdarank" or "rank_xendcg":
                return new(text, PostTransform.None);
            case "cross_entropy":
                return new(text, PostTransform.Logistic);
            case "cross_entropy_lambda":
                return new(text, PostTransform.LogOnePlusExp);
            case "binary":
                return new(text, PostTransform.Logistic, Sigmoid(line, parameters), 2);
            case "multiclass":
                return new(text, PostTransform.Softmax, classes: ClassCount(line, parameters));
            case "multiclassova":
                return new(text, PostTransform.Logistic, Sigmoid(line, parameters), ClassCount(line, parameters));
            case "" or "none" or "null" or "custom" or "na":
                return None;
            default:
                throw line.Invalid($"the objective {LightGbmText.Quote(name)}, which is none that is known");
        }
    }

    private static bool Has(ReadOnlySpan<byte> parameters, ReadOnlySpan<byte> word)
    {
        var words = new LightGbmNumbers(parameters);
        while (words.Next(out var found))
        {
            if (found.SequenceEqual(word))
            {
                return true;
            }
        }

        return false;
    }

    private static double Sigmoid(scoped in LightGbmText line, ReadOnlySpan<byte> parameters)
    {
        var value = Parameter(parameters, "sigmoid:"u8);
        return LightGbmNumbers.TryDouble(value, out var sigmoid) && sigmoid > 0 && double.IsFinite(sigmoid)
            ? sigmoid
            : throw line.Invalid($"the parameter sigmoid {LightGbmText.Quote(value)}; expected a positive number");
    }

    private static int ClassCount(scoped in LightGbmText line, ReadOnlySpan<byte> parameters)
    {
        var value = Parameter(parameters, "num_class:"u8);
        return LightGbmNumbers.TryInt32(value, out var classes) && classes is > 1 and <= TreeEnsembleBuilder.TargetsMax
            ? classes
            : throw line.Invalid($"the parameter num_class {LightGbmText.Quote(value)}; expected a number from 2 to {TreeEnsembleBuilder.TargetsMax}");
    }

    private static ReadOnlySpan<byte> Parameter(ReadOnlySpan<byte> parameters, ReadOnlySpan<byte> name)
    {
        var words = new LightGbmNumbers(parameters);
        while (words.Next(out var word))
        {
            if (word.StartsWith(name))
            {
                return word[name.Length..];
            }
        }

        return default;
    }
}
