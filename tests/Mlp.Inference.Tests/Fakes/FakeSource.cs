using Mlp.Core;

namespace Mlp.Inference.Tests.Fakes;

/// <summary>A source that has what the test puts there.</summary>
internal sealed class FakeSource : IPackageSource
{
    public string Name => "a fake";

    public ModelPackage? Package { get; set; }

    public string? Version { get; set; }

    public Exception? Error { get; set; }

    public int Resolutions { get; private set; }

    public Task<PackageVersion> ResolveAsync(CancellationToken cancellationToken = default)
    {
        Resolutions++;
        return Error is null ? Task.FromResult(new PackageVersion(Version, Package!.Digest)) : Task.FromException<PackageVersion>(Error);
    }

    public Task<ModelPackage> OpenAsync(PackageVersion version, CancellationToken cancellationToken = default) => Task.FromResult(ModelPackage.Open(Package!.Folder, version.Digest));
}

/// <summary>Runs every model by the fake that the test gives.</summary>
internal sealed class ScriptedRuntime(Func<IPreparedModel> prepare) : IModelRuntime
{
    public string Name => "scripted";

    public IPreparedModel Prepare(ModelFile file, PrepareOptions options) => prepare();
}
