namespace Mlp.Registry.Server;

/// <summary>A tag or a parameter. Names of the fields in this folder are MLflow's; what is null is left out on the wire.</summary>
internal sealed record KeyValue(string Key, string Value);

internal sealed record Experiment(
    string ExperimentId, string Name, string ArtifactLocation, string LifecycleStage, long LastUpdateTime, long CreationTime, IReadOnlyList<KeyValue>? Tags);

internal sealed record ExperimentIdAnswer(string ExperimentId);

internal sealed record ExperimentAnswer(Experiment Experiment);

internal sealed record ExperimentsAnswer(IReadOnlyList<Experiment>? Experiments, string? NextPageToken);

/// <summary>A success that says nothing more: <c>{}</c>.</summary>
internal sealed record Nothing
{
    public static Nothing More { get; } = new();
}

internal sealed record ErrorAnswer(string ErrorCode, string Message);
