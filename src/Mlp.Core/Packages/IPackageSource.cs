namespace Mlp.Core;

/// <summary>What a source has at the moment.</summary>
/// <param name="Version">The version's name; null where the source has none, as a folder.</param>
/// <param name="Digest">The package's identity.</param>
public sealed record PackageVersion(string? Version, string Digest);

/// <summary>A place that gives a model's package and may give another one later: a folder, an alias of a registry.</summary>
public interface IPackageSource
{
    /// <summary>For people: where the package comes from. Holds no secret.</summary>
    string Name { get; }

    /// <summary>What the source has at the moment, without the package itself.</summary>
    /// <exception cref="MlpException">The source cannot say.</exception>
    Task<PackageVersion> ResolveAsync(CancellationToken cancellationToken = default);

    /// <summary>The package of a version, verified.</summary>
    /// <exception cref="MlpException">The source does not have it, or it is damaged.</exception>
    Task<ModelPackage> OpenAsync(PackageVersion version, CancellationToken cancellationToken = default);
}
