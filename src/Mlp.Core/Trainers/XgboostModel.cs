using System.Globalization;

namespace Mlp.Core;

/// <summary>
/// A model as XGBoost 1.0 and later write it with <c>booster.save_model("model.json")</c> or <c>"model.ubj"</c>: its trees as the neutral ensemble,
/// or its linear booster. Margins have the bits of XGBoost's own. Immutable.
/// </summary>
public sealed class XgboostModel
{
    /// <summary>Bytes of a file, at most.</summary>
    public const int BytesMax = 1 << 30;

    private readonly int[]?[] _nodes;

    internal XgboostModel(XgboostDocument document, XgboostBooster booster, XgboostObjective objective)
    {
        (Version, Booster, Objective, PostTransform) = (document.Version, booster, objective.Name, objective.Transform);
        (FeatureCount, FeatureNames, FeatureTypes) = (document.FeatureCount, document.FeatureNames, document.FeatureTypes);
        _nodes = [];
    }

    internal XgboostModel(XgboostDocument document, XgboostBooster booster, XgboostObjective objective, TreeEnsemble ensemble, int[]?[] nodes)
        : this(document, booster, objective)
    {
        Ensemble = ensemble;
        _nodes = nodes;
    }

    /// <summary>The XGBoost that wrote the file: 1.7 or 3.1; 0.0 where it does not say.</summary>
    public Version Version { get; }

    /// <summary>The kind of booster.</summary>
    public XgboostBooster Booster { get; }

    /// <summary>XGBoost's name of the objective, such as <c>binary:logistic</c>.</summary>
    public string Objective { get; }

    /// <summary>What turns margins into the answers that <c>predict</c> gives.</summary>
    public PostTransform PostTransform { get; }

    /// <summary>Elements of a row.</summary>
    public int FeatureCount { get; }

    /// <summary>Margins that a row gives: one, or one a class or label.</summary>
    public int TargetCount => Ensemble?.TargetCount ?? Linear!.TargetCount;

    /// <summary>Names of the features; empty where the model was trained without.</summary>
    public IReadOnlyList<string> FeatureNames { get; }

    /// <summary>XGBoost's types of the features, such as <c>float</c>, <c>int</c>, <c>i</c> (0 or 1) and <c>c</c> (a category's number); empty where they are not known.</summary>
    public IReadOnlyList<string> FeatureTypes { get; }

    /// <summary>The iteration that early stopping found best, counted from 0; null where there was no early stopping.</summary>
    public int? BestIteration { get; init; }

    /// <summary>Boosting iterations in the file.</summary>
    public int IterationCount { get; init; }

    /// <summary>Boosting iterations whose trees are in <see cref="Ensemble"/>.</summary>
    public int IterationsUsed { get; init; }

    /// <summary>The trees; null for <see cref="XgboostBooster.GbLinear"/>.</summary>
    public TreeEnsemble? Ensemble { get; }

    /// <summary>The linear model; null for trees.</summary>
    public LinearBooster? Linear { get; internal init; }

    /// <summary>Reads a model's file.</summary>
    /// <param name="path">The file, in JSON or UBJ.</param>
    /// <param name="trees">Which trees are used where early stopping left more than the best ones.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.ModelInvalid"/>: the file is no such model, is damaged or too large, or has what is not supported.</exception>
    public static XgboostModel Load(string path, XgboostTrees trees = XgboostTrees.Best)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var length = new FileInfo(path).Length;
        return length <= BytesMax
            ? Read(File.ReadAllBytes(path), trees)
            : throw new MlpException(ErrorCodes.ModelInvalid, string.Create(CultureInfo.InvariantCulture, $"The model has {length} bytes; expected {BytesMax} at most."));
    }

    /// <summary>Reads a model from a file's bytes.</summary>
    /// <param name="file">JSON or UBJ.</param>
    /// <param name="trees">Which trees are used where early stopping left more than the best ones.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.ModelInvalid"/>: the bytes are no such model, are damaged or too many, or have what is not supported.</exception>
    public static XgboostModel Read(ReadOnlySpan<byte> file, XgboostTrees trees = XgboostTrees.Best)
    {
        if (!Enum.IsDefined(trees))
        {
            throw new ArgumentOutOfRangeException(nameof(trees), trees, "expected Best or All");
        }

        return file.Length <= BytesMax
            ? XgboostAssembly.Build(XgboostReader.Read(file), trees)
            : throw new MlpException(ErrorCodes.ModelInvalid, string.Create(CultureInfo.InvariantCulture, $"The model has {file.Length} bytes; expected {BytesMax} at most."));
    }

    /// <summary>
    /// The number that XGBoost gives a node of the ensemble, as <c>predict(pred_leaf=True)</c> does. It is another one than the node's place in its tree
    /// where pruning deleted nodes.
    /// </summary>
    /// <param name="tree">Index of the tree.</param>
    /// <param name="node">The node's place within its tree.</param>
    public int NodeId(int tree, int node)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tree);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(tree, _nodes.Length);
        ArgumentOutOfRangeException.ThrowIfNegative(node);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(node, Ensemble!.NodesOf(tree).Length);
        return _nodes[tree] is { } kept ? kept[node] : node;
    }
}
