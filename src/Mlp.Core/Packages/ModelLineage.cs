namespace Mlp.Core;

/// <summary>Where a model comes from.</summary>
/// <param name="CodeCommit">The commit of the training code; empty where it is not known.</param>
/// <param name="RunId">The registry's run that made it; empty where there was none.</param>
/// <param name="TrainedAt">When training ended.</param>
/// <param name="Data">Digests of the data it was made from.</param>
public sealed record ModelLineage(string CodeCommit, string RunId, DateTimeOffset TrainedAt, IReadOnlyList<DataDigest> Data);

/// <summary>One data set by content.</summary>
/// <param name="Name">A name for people.</param>
/// <param name="Digest">The digest of its bytes: <c>sha256:</c> and 64 hexadecimal digits.</param>
public readonly record struct DataDigest(string Name, string Digest);
