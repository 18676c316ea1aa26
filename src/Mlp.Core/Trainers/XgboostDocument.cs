namespace Mlp.Core;

/// <summary>What an XGBoost file says, before anything is made of it. Names are those of the file (xgboost.readthedocs.io, "Introduction to Model IO").</summary>
internal sealed class XgboostDocument
{
    public Version Version { get; set; } = new();

    public string? ObjectiveName { get; set; }

    public string? BoosterName { get; set; }

    public string? BaseScore { get; set; }

    public int FeatureCount { get; set; }

    public int ClassCount { get; set; }

    /// <summary>Outputs of a model that learnt several labels at once.</summary>
    public int TargetCount { get; set; } = 1;

    public string? BestIteration { get; set; }

    public string[] FeatureNames { get; set; } = [];

    public string[] FeatureTypes { get; set; } = [];

    public List<XgboostTree> Trees { get; } = [];

    /// <summary>num_trees; null where the file does not say.</summary>
    public int? TreeCount { get; set; }

    public int ParallelTrees { get; set; } = 1;

    /// <summary>The target of each tree.</summary>
    public int[] TreeInfo { get; set; } = [];

    /// <summary>Where the trees of each iteration begin, and the number of trees; null in older files.</summary>
    public int[]? IterationStarts { get; set; }

    /// <summary>Of dart: what each tree is multiplied by.</summary>
    public float[]? TreeWeights { get; set; }

    /// <summary>Of gblinear: those of each feature, target by target, and then the biases.</summary>
    public float[]? LinearWeights { get; set; }

    public int LinearRounds { get; set; }
}
