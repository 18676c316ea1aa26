namespace Mlp.Core;

/// <summary>How the leaves that a row reaches become its answer, and what the answer means. What trainers write beside their trees.</summary>
public sealed record EnsembleOutput
{
    /// <summary>How leaves become one number a target. Trees are taken in their order, always.</summary>
    public EnsembleAggregate Aggregate { get; init; }

    /// <summary>What an average's sum is divided by; null for the number of trees. (LightGBM's forests divide by iterations, which are fewer than trees where there are several classes.)</summary>
    public double? AverageDivisor { get; init; }

    /// <summary>A number for each target that its leaves are added to; empty for zeros.</summary>
    public IReadOnlyList<double> BaseValues { get; init; } = [];

    /// <summary>
    /// Whether a sum starts at the base value, ((base + tree 0) + tree 1) + ..., as XGBoost's; else the base value comes last, as ONNX's. Floats
    /// make a difference of it. Only for <see cref="EnsembleAggregate.Sum"/>.
    /// </summary>
    public bool SumFromBase { get; init; }

    /// <summary>What follows the aggregation.</summary>
    public PostTransform PostTransform { get; init; }

    /// <summary>Factor of the score in <see cref="PostTransform.Logistic"/> and <see cref="PostTransform.OneAgainstAll"/> (LightGBM's parameter <c>sigmoid</c>).</summary>
    public double LogisticScale { get; init; } = 1;

    /// <summary>Names of the features; empty where they are not known.</summary>
    public IReadOnlyList<string> FeatureNames { get; init; } = [];

    /// <summary>Labels of a classifier's classes that are numbers; empty for others.</summary>
    public IReadOnlyList<long> LabelNumbers { get; init; } = [];

    /// <summary>Labels of a classifier's classes that are texts; empty for others.</summary>
    public IReadOnlyList<string> LabelTexts { get; init; } = [];

    /// <summary>The trainer's own words for what it aimed at, such as <c>binary:logistic</c>; empty where it said nothing.</summary>
    public string Objective { get; init; } = "";

    /// <summary>Checks that the parts fit together and to an ensemble.</summary>
    /// <exception cref="MlpException"><see cref="ErrorCodes.ModelInvalid"/>: one does not.</exception>
    internal void Validate(int featureCount, int targetCount)
    {
        Require(BaseValues.Count == 0 || BaseValues.Count == targetCount, $"{BaseValues.Count} base values; expected none or {targetCount}, one a target");
        foreach (var value in BaseValues)
        {
            Require(!double.IsNaN(value), "a base value that is NaN");
        }

        Require(FeatureNames.Count == 0 || FeatureNames.Count == featureCount, $"{FeatureNames.Count} feature names for {featureCount} features");
        Require(LabelNumbers.Count == 0 || LabelTexts.Count == 0, $"{LabelNumbers.Count} labels that are numbers and {LabelTexts.Count} that are texts; expected one kind");
        var labels = Math.Max(LabelNumbers.Count, LabelTexts.Count);
        Require(labels == 0 || labels == targetCount || (labels == 2 && targetCount == 1), $"{labels} labels for {targetCount} targets");
        Require(Aggregate <= EnsembleAggregate.Max, $"the aggregate {(int)Aggregate}");
        Require(PostTransform <= PostTransform.OneAgainstAll, $"the post transform {(int)PostTransform}");
        Require(!SumFromBase || Aggregate == EnsembleAggregate.Sum, $"an aggregate {Aggregate} that starts from the base values; only a sum can");
        Require(AverageDivisor is null or > 0 and < double.PositiveInfinity, $"the divisor {AverageDivisor}; expected a positive number");
        Require(double.IsFinite(LogisticScale) && LogisticScale > 0, $"the logistic scale {LogisticScale}; expected a positive number");
    }

    private static void Require(bool condition, string found)
    {
        if (!condition)
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"The ensemble has {found}.");
        }
    }
}
