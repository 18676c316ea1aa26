using System.Globalization;

namespace Mlp.Core;

/// <summary>An XGBoost objective's two functions: from margins to answers, and from <c>base_score</c>, which is an answer, to the margin that sums start from.</summary>
internal readonly record struct XgboostObjective(string Name, PostTransform Transform, XgboostObjective.Link BaseLink)
{
    // Since 3.1 XGBoost holds a base_score of the logistic objectives away from 0 and 1, where the margin would be infinite.
    private const float LogisticEdge = 1e-6f;
    private static readonly Version LogisticEdgeSince = new(3, 1);

    /// <summary>How a <c>base_score</c> becomes a margin.</summary>
    public enum Link : byte
    {
        /// <summary>It is one.</summary>
        Identity,

        /// <summary>log(b / (1 − b)), as −log(1/b − 1).</summary>
        Logit,

        /// <summary>log(b).</summary>
        Log,
    }

    /// <summary>Whether answers are about yes and no.</summary>
    public bool IsBinary => Name.StartsWith("binary:", StringComparison.Ordinal);

    /// <summary>Whether answers are about classes 0, 1, 2 and so on.</summary>
    public bool IsMulticlass => Name.StartsWith("multi:", StringComparison.Ordinal);

    /// <summary>XGBoost's name of an objective.</summary>
    /// <exception cref="MlpException">It is not known.</exception>
    public static XgboostObjective Of(string name) => name switch
    {
        "reg:squarederror" or "reg:linear" or "reg:squaredlogerror" or "reg:pseudohubererror" or "reg:absoluteerror" or "reg:quantileerror"
            or "rank:pairwise" or "rank:ndcg" or "rank:map" or "binary:logitraw" => new(name, PostTransform.None, Link.Identity),
        "reg:logistic" or "binary:logistic" => new(name, PostTransform.Logistic, Link.Logit),
        "binary:hinge" => new(name, PostTransform.Hinge, Link.Identity),
        "count:poisson" or "reg:gamma" or "reg:tweedie" or "survival:cox" or "survival:aft" => new(name, PostTransform.Exp, Link.Log),
        "multi:softmax" => new(name, PostTransform.ArgMax, Link.Identity),
        "multi:softprob" => new(name, PostTransform.Softmax, Link.Identity),
        _ => throw new MlpException(ErrorCodes.ModelInvalid, $"The model's objective '{name}' is not supported."),
    };

    /// <summary>The margin that sums start from, in the float operations that XGBoost does.</summary>
    /// <exception cref="MlpException">The objective has no such answer.</exception>
    public float Margin(float baseScore, Version version)
    {
        if (BaseLink == Link.Logit && version >= LogisticEdgeSince && baseScore is >= 0 and <= 1)
        {
            baseScore = MathF.Min(MathF.Max(baseScore, LogisticEdge), 1 - LogisticEdge);
        }

        var isAnswer = BaseLink switch
        {
            Link.Logit => baseScore is > 0 and < 1,
            Link.Log => baseScore >= 0,
            _ => !float.IsNaN(baseScore),
        };
        return !isAnswer
            ? throw new MlpException(ErrorCodes.ModelInvalid, string.Create(CultureInfo.InvariantCulture, $"The model's base_score {baseScore} is none that the objective '{Name}' can start from."))
            : BaseLink switch
            {
                Link.Logit => -MathF.Log((1 / baseScore) - 1),
                Link.Log => MathF.Log(baseScore),
                _ => baseScore,
            };
    }
}
