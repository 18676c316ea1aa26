using System.Text;

namespace Mlp.Core;

/// <summary>What a LightGBM model states before its trees.</summary>
internal sealed class LightGbmHeader
{
    private int? _classes;
    private int? _treesPerIteration;
    private int? _featureIndexMax;

    public string Version { get; private set; } = "";

    public LightGbmObjective Objective { get; private set; } = LightGbmObjective.None;

    /// <summary>Whether the trees' sum is divided by the number of iterations: a random forest.</summary>
    public bool Averages { get; private set; }

    public string[] FeatureNames { get; private set; } = [];

    public string[] FeatureInfos { get; private set; } = [];

    /// <summary>How many trees the file lists the sizes of; null where it lists none. (The sizes are of no use to a reader of lines.)</summary>
    public int? TreeCount { get; private set; }

    /// <summary>Trees of an iteration, one a raw score.</summary>
    public int TreesPerIteration => _treesPerIteration ?? _classes ?? 1;

    public int FeatureCount => _featureIndexMax!.Value + 1;

    /// <summary>Reads up to the first tree, or to the end of the trees; that line is the text's current one.</summary>
    public static LightGbmHeader Read(ref LightGbmText text)
    {
        if (!text.Next() || !text.Line.SequenceEqual("tree"u8))
        {
            throw text.Invalid($"{LightGbmText.Quote(text.Line)}; expected 'tree', as a LightGBM model's text begins");
        }

        var header = new LightGbmHeader();
        text.RequireNext();
        while (!text.BeginsTree && !text.EndsTrees)
        {
            header.ReadLine(text);
            text.RequireNext();
        }

        header.Check(text);
        return header;
    }

    private void ReadLine(scoped in LightGbmText line)
    {
        switch (Encoding.UTF8.GetString(line.Key))
        {
            case "version":
                Version = Encoding.UTF8.GetString(line.Value);
                if (Version is not ("v3" or "v4"))
                {
                    throw line.Invalid($"the version {LightGbmText.Quote(line.Value)}; expected v3 or v4");
                }

                break;
            case "num_class": _classes = Number(line, 1, TreeEnsembleBuilder.TargetsMax); break;
            case "num_tree_per_iteration": _treesPerIteration = Number(line, 1, TreeEnsembleBuilder.TargetsMax); break;
            case "max_feature_idx": _featureIndexMax = Number(line, 0, int.MaxValue - 1); break;
            case "objective": Objective = LightGbmObjective.Read(line); break;
            case "average_output": Averages = true; break;
            case "feature_names": FeatureNames = Words(line.Value); break;
            case "feature_infos": FeatureInfos = Words(line.Value); break;
            case "tree_sizes": TreeCount = LightGbmNumbers.Count(line.Value); break;

            // The label's column, monotone constraints and what training alone needs.
            default: break;
        }
    }

    private void Check(scoped in LightGbmText text)
    {
        Require(text, Version.Length > 0, "version");
        Require(text, _classes is not null, "num_class");
        Require(text, _featureIndexMax is not null, "max_feature_idx");
        if (FeatureNames.Length != FeatureCount)
        {
            throw text.Invalid($"{FeatureNames.Length} feature names before it; expected {FeatureCount}, one more than max_feature_idx");
        }

        if (FeatureInfos.Length != 0 && FeatureInfos.Length != FeatureCount)
        {
            throw text.Invalid($"{FeatureInfos.Length} feature_infos before it; expected {FeatureCount}, one more than max_feature_idx");
        }

        if (Objective.Targets is { } targets && targets != TreesPerIteration)
        {
            throw text.Invalid($"{TreesPerIteration} trees an iteration before it; the objective '{Objective.Text}' has {targets}");
        }
    }

    private static void Require(scoped in LightGbmText text, bool isThere, string key)
    {
        if (!isThere)
        {
            throw text.Invalid($"no '{key}' before it");
        }
    }

    private static int Number(scoped in LightGbmText line, int min, int max) =>
        LightGbmNumbers.TryInt32(line.Value, out var value) && value >= min && value <= max
            ? value
            : throw line.Invalid($"{LightGbmText.Quote(line.Line)}; expected a number from {min} to {max}");

    private static string[] Words(ReadOnlySpan<byte> text)
    {
        var words = new List<string>();
        var rest = new LightGbmNumbers(text);
        while (rest.Next(out var word))
        {
            words.Add(Encoding.UTF8.GetString(word));
        }

        return [.. words];
    }
}
