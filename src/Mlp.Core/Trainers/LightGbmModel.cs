namespace Mlp.Core;

/// <summary>
/// A model as LightGBM saves it (<c>Booster.save_model</c>, <c>LGBM_BoosterSaveModel</c>): the text of versions v3 and v4, every objective and
/// booster, categorical features, all three ways of missing values, and linear trees.
/// </summary>
/// <remarks>
/// LightGBM adds leaves in double, in the order of trees; so does the ensemble, and gives the same raw scores to the bit. A random forest's
/// raw scores are averaged here, which LightGBM leaves to the prediction.
/// </remarks>
public sealed class LightGbmModel
{
    private readonly int[] _innerNodes;

    private LightGbmModel(LightGbmHeader header, TreeEnsemble ensemble, int[] innerNodes, IReadOnlyList<IReadOnlyList<string>> categories)
    {
        Version = header.Version;
        Objective = header.Objective.Text;
        ClassCount = header.Objective.Classes ?? 0;
        TreesPerIteration = header.TreesPerIteration;
        FeatureNames = header.FeatureNames;
        FeatureInfos = header.FeatureInfos;
        Categories = categories;
        Ensemble = ensemble;
        _innerNodes = innerNodes;
    }

    /// <summary>The format: <c>v3</c> or <c>v4</c>.</summary>
    public string Version { get; }

    /// <summary>The objective with its parameters, such as <c>binary sigmoid:1</c>; empty where it was the user's own, whose answers are raw scores.</summary>
    public string Objective { get; }

    /// <summary>Classes that the objective tells apart: 2 for <c>binary</c>, their number for <c>multiclass</c> and <c>multiclassova</c>, 0 for all others.</summary>
    public int ClassCount { get; }

    /// <summary>Trees of one iteration, one a raw score.</summary>
    public int TreesPerIteration { get; }

    /// <summary>Iterations in <see cref="Ensemble"/>.</summary>
    public int IterationCount => _innerNodes.Length / TreesPerIteration;

    /// <summary>Names of the features.</summary>
    public IReadOnlyList<string> FeatureNames { get; }

    /// <summary>What training saw of each feature: <c>[0.5:2]</c> the range, <c>1:2:7</c> the categories, <c>none</c> nothing of use. Empty where the file has none.</summary>
    public IReadOnlyList<string> FeatureInfos { get; }

    /// <summary>
    /// Of each categorical column of the pandas data frame that was trained on, the values in the order of the numbers 0, 1, 2 ... that stand for
    /// them in a row. Empty for models of other origin.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<string>> Categories { get; }

    /// <summary>The trees.</summary>
    public TreeEnsemble Ensemble { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Types, iterations and limits; null for LightGBM's own.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.ModelInvalid"/>: the file is none of LightGBM's, or damaged; <see cref="ErrorCodes.LimitReached"/>: it is too large.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static LightGbmModel Load(string path, LightGbmOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= LightGbmOptions.Default;
        options.Validate();
        using var file = File.OpenHandle(path);
        var length = RandomAccess.GetLength(file);
        if (length > options.FileBytesMax)
        {
            throw new MlpException(ErrorCodes.LimitReached, $"The LightGBM model '{path}' has {length} bytes; {nameof(LightGbmOptions.FileBytesMax)} is {options.FileBytesMax}.");
        }

        var bytes = new byte[length];
        var filled = 0;
        while (filled < bytes.Length && RandomAccess.Read(file, bytes.AsSpan(filled), filled) is > 0 and var read)
        {
            filled += read;
        }

        return Read(bytes.AsSpan(0, filled), options);
    }

    /// <summary>Reads a model's text.</summary>
    /// <param name="text">The text, in UTF-8.</param>
    /// <param name="options">Types and iterations; null for LightGBM's own.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.ModelInvalid"/>: the text is none of LightGBM's, or damaged; the message has the line, or the tree and the node.</exception>
    public static LightGbmModel Read(ReadOnlySpan<byte> text, LightGbmOptions? options = null)
    {
        options ??= LightGbmOptions.Default;
        options.Validate();
        var lines = new LightGbmText(text);
        var header = LightGbmHeader.Read(ref lines);
        var perIteration = header.TreesPerIteration;
        var builder = new TreeEnsembleBuilder(header.FeatureCount, perIteration, options.Input, options.Sum);
        var innerNodes = new List<int>();
        var trees = 0;
        for (; !lines.EndsTrees; trees++)
        {
            if (!LightGbmNumbers.TryInt32(lines.Value, out var number) || number != trees)
            {
                throw lines.Invalid($"{LightGbmText.Quote(lines.Line)}; expected 'Tree={trees}'");
            }

            var fields = LightGbmFields.Read(ref lines, trees);
            if (options.Iterations is null || trees / perIteration < options.Iterations)
            {
                innerNodes.Add(LightGbmTree.Add(fields, builder, trees % perIteration));
            }
        }

        CheckTreeCount(header, trees, options);
        return new LightGbmModel(header, builder.Build(Output(header, innerNodes.Count / perIteration)), [.. innerNodes], LightGbmCategories.Read(ref lines));
    }

    /// <summary>LightGBM's number of a leaf (<c>pred_leaf</c>).</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="node">The leaf as the ensemble numbers it: a node within its tree.</param>
    public int LeafOf(int tree, int node)
    {
        var leaf = node - _innerNodes[tree];
        ArgumentOutOfRangeException.ThrowIfNegative(leaf, nameof(node));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(leaf, _innerNodes[tree], nameof(node));
        return leaf;
    }

    private static void CheckTreeCount(LightGbmHeader header, int trees, LightGbmOptions options)
    {
        if (trees == 0 || trees % header.TreesPerIteration != 0 || trees != (header.TreeCount ?? trees))
        {
            var listed = header.TreeCount is { } count ? $", {count} by its tree_sizes" : "";
            throw new MlpException(ErrorCodes.ModelInvalid, $"The LightGBM model has {trees} trees; expected whole iterations of {header.TreesPerIteration}{listed}.");
        }

        if (options.Iterations > trees / header.TreesPerIteration)
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"The LightGBM model has {trees / header.TreesPerIteration} iterations; {options.Iterations} were asked for.");
        }
    }

    private static EnsembleOutput Output(LightGbmHeader header, int iterations) => new()
    {
        Aggregate = header.Averages ? EnsembleAggregate.Average : EnsembleAggregate.Sum,
        AverageDivisor = header.Averages ? iterations : null,
        PostTransform = header.Objective.Transform,
        LogisticScale = header.Objective.Scale,
        FeatureNames = header.FeatureNames,
        LabelNumbers = Labels(header.Objective.Classes ?? 0),
        Objective = header.Objective.Text,
    };

    private static long[] Labels(int classes)
    {
        var labels = new long[classes];
        for (var i = 0; i < classes; i++)
        {
            labels[i] = i;
        }

        return labels;
    }
}
