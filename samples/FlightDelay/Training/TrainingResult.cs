using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using FlightDelay.Pipeline;
using FlightDelay.Report;

namespace FlightDelay.Training;

/// <summary>What a training leaves beside the package. Kept in the workspace, so that a second demo need not train again.</summary>
internal sealed record TrainingResult
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    public required int Airports { get; init; }

    public required string RunId { get; init; }

    /// <summary>
    /// The digest of <c>model.onnx</c>: the same flights, features and parameters give the same. The package's digest is another one each
    /// time, because its lineage states when and in which run it was made.
    /// </summary>
    public required string ModelDigest { get; init; }

    /// <summary>Rows that the trees learned from.</summary>
    public required int TrainingRows { get; init; }

    /// <summary>Rows of the validation days, of which the reference profile is made.</summary>
    public required int ValidationRows { get; init; }

    /// <summary>Share of the training rows that were late.</summary>
    public required float LateShare { get; init; }

    public required IReadOnlyList<FeatureImportance> Importances { get; init; }

    /// <summary>Largest difference of ONNX Runtime from the trainer's own predictions on the held-out month.</summary>
    public required double OnnxRuntimeDifference { get; init; }

    /// <summary>Largest difference of Mlp.Edge from the trainer's own predictions on the held-out month.</summary>
    public required double EdgeDifference { get; init; }

    /// <summary>The trainer's own probabilities of the held-out month.</summary>
    [JsonIgnore]
    public float[] TreePredictions { get; init; } = [];

    /// <summary>The same of logistic regression.</summary>
    [JsonIgnore]
    public float[] LinearPredictions { get; init; } = [];

    public void Write(Workspace workspace)
    {
        Workspace.Write(workspace.At("training.json"), JsonSerializer.SerializeToUtf8Bytes(this, Json));
        Workspace.Write(workspace.At("trees.f32"), MemoryMarshal.AsBytes<float>(TreePredictions));
        Workspace.Write(workspace.At("linear.f32"), MemoryMarshal.AsBytes<float>(LinearPredictions));
    }

    public static TrainingResult Read(Workspace workspace)
    {
        try
        {
            var result = JsonSerializer.Deserialize<TrainingResult>(File.ReadAllBytes(workspace.At("training.json")), Json);
            return result! with { TreePredictions = Floats(workspace.At("trees.f32")), LinearPredictions = Floats(workspace.At("linear.f32")) };
        }
        catch (Exception e) when (e is JsonException or FileNotFoundException or NullReferenceException)
        {
            throw new DemoException($"The training in {workspace.Folder} is damaged ({e.Message}); run the demo with --fresh.", e);
        }
    }

    private static float[] Floats(string path) => MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(path)).ToArray();
}
