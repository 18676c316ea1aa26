namespace Mlp.Registry.Client;

/// <summary>A version of a model in the registry.</summary>
/// <param name="Name">The model.</param>
/// <param name="Version">The number, as a text as it is on the wire.</param>
/// <param name="Digest">The identity of its package; null where the version has none (it was not published as a package).</param>
/// <param name="RunId">The run that made it; null where none is stated.</param>
/// <param name="CreatedAt">When it was registered.</param>
/// <param name="Aliases">The aliases that stand for it now.</param>
public sealed record RegisteredVersion(string Name, string Version, string? Digest, string? RunId, DateTimeOffset CreatedAt, IReadOnlyList<string> Aliases);

/// <summary>What an alias stands for.</summary>
/// <param name="Name">The model.</param>
/// <param name="Alias">The alias that was asked for.</param>
/// <param name="Version">The version's number.</param>
/// <param name="Digest">The identity of its package.</param>
/// <param name="FromCache">Whether the server was away and this is its last known answer.</param>
/// <param name="AnsweredAt">When the server gave the answer.</param>
public sealed record ResolvedModel(string Name, string Alias, string Version, string Digest, bool FromCache, DateTimeOffset AnsweredAt);

/// <summary>One change of an alias.</summary>
/// <param name="Version">The version from then on; null where the alias was deleted.</param>
/// <param name="At">When.</param>
/// <param name="Cause"><c>set</c>, <c>promoted</c>, <c>deleted</c> or <c>version_deleted</c>.</param>
public sealed record AliasChange(string? Version, DateTimeOffset At, string Cause);
