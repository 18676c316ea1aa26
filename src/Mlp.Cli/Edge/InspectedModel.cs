using Mlp.Core;
using Mlp.Edge;

namespace Mlp.Cli.Edge;

/// <summary>What is told of a model.</summary>
internal sealed record InspectedModel
{
    // A tree's text begins with the word; JSON and UBJ with a brace; the first field of an ONNX file is a number.
    private static ReadOnlySpan<byte> LightGbmBegin => "tree"u8;

    /// <summary>The file's name.</summary>
    public required string FileName { get; init; }

    /// <summary>Bytes of the file.</summary>
    public required long FileBytes { get; init; }

    /// <summary>Whose file it is.</summary>
    public required string Format { get; init; }

    /// <summary>What it takes.</summary>
    public IReadOnlyList<string> Inputs { get; init; } = [];

    /// <summary>What it gives.</summary>
    public IReadOnlyList<string> Outputs { get; init; } = [];

    /// <summary>Operators of a graph, in order.</summary>
    public IReadOnlyList<string> Operators { get; init; } = [];

    /// <summary>Its ensembles.</summary>
    public IReadOnlyList<InspectedTrees> Trees { get; init; } = [];

    /// <summary>Reads a model, whatever wrote it.</summary>
    /// <param name="path">Its file.</param>
    /// <exception cref="MlpException">It is no model that Mlp.Edge runs.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static InspectedModel Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var name = Path.GetFileName(path);
        var begin = bytes.AsSpan().TrimStart(" \t\r\n"u8);
        return begin.StartsWith(LightGbmBegin) ? OfLightGbm(name, bytes)
            : begin.StartsWith("{"u8) ? OfXgboost(name, bytes)
            : OfOnnx(name, bytes);
    }

    private static InspectedModel OfOnnx(string name, byte[] bytes)
    {
        var onnx = OnnxModel.Read(bytes);
        var model = EdgeModel.Prepare(onnx);
        return new InspectedModel
        {
            FileName = name,
            FileBytes = bytes.Length,
            Format = $"ONNX, {string.Join(", ", onnx.Opsets.Select(o => $"{(o.Key.Length == 0 ? "ai.onnx" : o.Key)} {o.Value}"))}, written by {onnx.Producer}",
            Inputs = Texts(model.Signature.Inputs),
            Outputs = Texts(model.Signature.Outputs),
            Operators = [.. onnx.Graph.Nodes.Select(n => n.OpType)],
            Trees = [.. model.Trees.Select(t => new InspectedTrees(t.Operator, t.Ensemble, t.Layout))],
        };
    }

    private static InspectedModel OfXgboost(string name, byte[] bytes)
    {
        var model = XgboostModel.Read(bytes);
        return new InspectedModel
        {
            FileName = name,
            FileBytes = bytes.Length,
            Format = $"XGBoost {model.Version}, {model.Booster}, {model.Objective}{(model.BestIteration is { } best ? $", best iteration {best}" : "")}",
            Inputs = [$"{model.FeatureCount} features"],
            Outputs = [Margins(model.TargetCount, model.PostTransform)],
            Trees = model.Ensemble is { } ensemble ? [Packed(ensemble)] : [],
        };
    }

    private static InspectedModel OfLightGbm(string name, byte[] bytes)
    {
        var model = LightGbmModel.Read(bytes);
        return new InspectedModel
        {
            FileName = name,
            FileBytes = bytes.Length,
            Format = $"LightGBM, {model.Version}, {model.Objective}, {model.IterationCount} iterations",
            Inputs = [$"{model.Ensemble.FeatureCount} features"],
            Outputs = [Margins(model.Ensemble.TargetCount, model.Ensemble.PostTransform)],
            Trees = [Packed(model.Ensemble)],
        };
    }

    private static string Margins(int count, PostTransform then) =>
        $"{count} margin{(count == 1 ? "" : "s")}{(then == PostTransform.None ? "" : $", then {then}")}";

    private static InspectedTrees Packed(TreeEnsemble ensemble) => new("trees", ensemble, new TreePredictor(ensemble).Layout);

    private static string[] Texts(ReadOnlySpan<TensorSpec> specs)
    {
        var texts = new string[specs.Length];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = specs[i].ToString();
        }

        return texts;
    }
}
