namespace Mlp.Registry.Server;

internal sealed record ModelAlias(string Alias, string Version);

internal sealed record RegisteredModel(
    string Name, long CreationTimestamp, long LastUpdatedTimestamp, string? Description,
    IReadOnlyList<ModelVersion>? LatestVersions, IReadOnlyList<KeyValue>? Tags, IReadOnlyList<ModelAlias>? Aliases);

internal sealed record ModelVersion(
    string Name, string Version, long CreationTimestamp, long LastUpdatedTimestamp, string CurrentStage, string? Description,
    string Source, string? RunId, string Status, IReadOnlyList<KeyValue>? Tags, string? RunLink, IReadOnlyList<string>? Aliases)
{
    /// <summary>The tag in which a version states the digest of its package; only publishing sets it.</summary>
    public const string PackageTag = "mlp.package";
}

internal sealed record RegisteredModelAnswer(RegisteredModel RegisteredModel);

internal sealed record RegisteredModelsAnswer(IReadOnlyList<RegisteredModel>? RegisteredModels, string? NextPageToken);

internal sealed record ModelVersionAnswer(ModelVersion ModelVersion);

internal sealed record ModelVersionsAnswer(IReadOnlyList<ModelVersion>? ModelVersions, string? NextPageToken);
