using System.Text.Json.Serialization;

namespace Mlp.Registry.Client;

// The fields on the wire: MLflow's, and those of the registry's own routes. All may be missing in an answer.
internal sealed record WirePair(string? Key, string? Value);

internal sealed record WireMetric(string? Key, double Value, long Timestamp, long Step);

internal sealed record WireDataset(string? Name, string? Digest, string? SourceType, string? Source);

internal sealed record WireInput(WireDataset? Dataset);

internal sealed record WireInputs(IReadOnlyList<WireInput>? DatasetInputs);

internal sealed record WireRunInfo(string? RunId, string? ExperimentId, string? RunName, string? Status, long StartTime, long? EndTime);

internal sealed record WireRunData(IReadOnlyList<WireMetric>? Metrics, IReadOnlyList<WirePair>? Params, IReadOnlyList<WirePair>? Tags);

internal sealed record WireRun(WireRunInfo? Info, WireRunData? Data, WireInputs? Inputs);

internal sealed record WireVersion(
    string? Name, string? Version, long CreationTimestamp, string? RunId, IReadOnlyList<WirePair>? Tags, IReadOnlyList<string>? Aliases);

internal sealed record WireRule(string Metric, string Comparison, double Amount, WireSlice? Slice);

internal sealed record WireSlice(string Name, string Value);

internal sealed record WireGate(IReadOnlyList<WireRule> Rules);

internal sealed record WireOutcome(string? Metric, double? Value, double? Limit, bool Passed, string? Reason);

internal sealed record WireChange(string? Version, long Timestamp, string? Cause);

internal sealed record ErrorBody(string? ErrorCode, string? Message);

internal sealed record EmptyBody;

internal sealed record CreateExperimentRequest(string Name);

internal sealed record CreateExperimentAnswer(string? ExperimentId);

internal sealed record WireExperiment(string? ExperimentId);

internal sealed record ExperimentAnswer(WireExperiment? Experiment);

internal sealed record CreateRunRequest(string ExperimentId, string RunName, long StartTime, IReadOnlyList<WirePair> Tags);

internal sealed record UpdateRunRequest(string RunId, string Status, long EndTime);

internal sealed record RunAnswer(WireRun? Run);

internal sealed record SearchRunsRequest(IReadOnlyList<string> ExperimentIds, int MaxResults, string? PageToken);

internal sealed record RunsAnswer(IReadOnlyList<WireRun>? Runs, string? NextPageToken);

internal sealed record LogBatchRequest(string RunId, IReadOnlyList<WireMetric>? Metrics, IReadOnlyList<WirePair>? Params, IReadOnlyList<WirePair>? Tags);

internal sealed record LogInputsRequest(string RunId, IReadOnlyList<WireInput> Datasets);

internal sealed record PublishRequest(string Digest, string? RunId);

internal sealed record VersionAnswer(WireVersion? ModelVersion);

internal sealed record VersionsAnswer(IReadOnlyList<WireVersion>? ModelVersions, string? NextPageToken);

internal sealed record PromoteRequest(string Name, string Version, string Alias, WireGate Gate);

internal sealed record PromoteAnswer(bool Promoted, string? PreviousVersion, IReadOnlyList<WireOutcome>? Rules);

internal sealed record HistoryAnswer(IReadOnlyList<WireChange>? Changes, string? NextPageToken);

internal sealed record AliasAtAnswer(string? Version);

/// <summary>What the cache keeps of a resolution.</summary>
internal sealed record StoredResolution(string? Name, string? Alias, string? Version, string? Digest, long AnsweredAt);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowReadingFromString | JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(EmptyBody))]
[JsonSerializable(typeof(CreateExperimentRequest))]
[JsonSerializable(typeof(CreateExperimentAnswer))]
[JsonSerializable(typeof(ExperimentAnswer))]
[JsonSerializable(typeof(CreateRunRequest))]
[JsonSerializable(typeof(UpdateRunRequest))]
[JsonSerializable(typeof(RunAnswer))]
[JsonSerializable(typeof(SearchRunsRequest))]
[JsonSerializable(typeof(RunsAnswer))]
[JsonSerializable(typeof(LogBatchRequest))]
[JsonSerializable(typeof(LogInputsRequest))]
[JsonSerializable(typeof(PublishRequest))]
[JsonSerializable(typeof(VersionAnswer))]
[JsonSerializable(typeof(VersionsAnswer))]
[JsonSerializable(typeof(PromoteRequest))]
[JsonSerializable(typeof(PromoteAnswer))]
[JsonSerializable(typeof(HistoryAnswer))]
[JsonSerializable(typeof(AliasAtAnswer))]
[JsonSerializable(typeof(StoredResolution))]
internal sealed partial class WireJson : JsonSerializerContext;
