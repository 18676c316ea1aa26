using System.Text.Json;
using System.Text.Json.Serialization;
using FlightDelay.Pipeline;

namespace FlightDelay.Training;

/// <summary>What a training leaves beside the package: the figures that the report shows. Kept in the workspace, so that a second demo need not train again.</summary>
internal sealed record TrainingResult
{
    private static readonly JsonSerializerOptions Json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, WriteIndented = true };

    public required int TrainingRows { get; init; }

    public required int HeldOutRows { get; init; }

    public required int Airports { get; init; }

    public required string RunId { get; init; }

    public required ModelFigures Trees { get; init; }

    public required ModelFigures LogisticRegression { get; init; }

    public required ModelFigures BaseRate { get; init; }

    public required IReadOnlyList<FeatureImportance> Importances { get; init; }

    /// <summary>Largest difference of ONNX Runtime from the trainer's own predictions on the held-out month.</summary>
    public required double OnnxRuntimeDifference { get; init; }

    /// <summary>Largest difference of Mlp.Edge from the trainer's own predictions on the held-out month.</summary>
    public required double EdgeDifference { get; init; }

    public void Write(Workspace workspace) => File.WriteAllBytes(PathIn(workspace), JsonSerializer.SerializeToUtf8Bytes(this, Json));

    public static TrainingResult Read(Workspace workspace) =>
        JsonSerializer.Deserialize<TrainingResult>(File.ReadAllBytes(PathIn(workspace)), Json)
            ?? throw new DemoException($"{PathIn(workspace)} is empty; run the demo with --fresh.");

    private static string PathIn(Workspace workspace) => workspace.At("training.json");
}
