namespace Mlp.Registry.Server;

internal sealed record Metric(string Key, double Value, long Timestamp, long Step);

internal sealed record Dataset(string Name, string Digest, string SourceType, string Source, string? Schema, string? Profile);

internal sealed record DatasetInput(IReadOnlyList<KeyValue>? Tags, Dataset Dataset);

/// <summary>The identity is sent under its name of today and under its old one: clients read either.</summary>
internal sealed record RunInfo(
    string RunId, string RunUuid, string RunName, string ExperimentId, string? UserId, string Status, long StartTime, long? EndTime, string ArtifactUri, string LifecycleStage);

internal sealed record RunData(IReadOnlyList<Metric>? Metrics, IReadOnlyList<KeyValue>? Params, IReadOnlyList<KeyValue>? Tags);

internal sealed record RunInputs(IReadOnlyList<DatasetInput>? DatasetInputs);

internal sealed record Run(RunInfo Info, RunData Data, RunInputs Inputs);

internal sealed record RunAnswer(Run Run);

internal sealed record RunInfoAnswer(RunInfo RunInfo);

internal sealed record RunsAnswer(IReadOnlyList<Run>? Runs, string? NextPageToken);

internal sealed record MetricsAnswer(IReadOnlyList<Metric>? Metrics, string? NextPageToken);
