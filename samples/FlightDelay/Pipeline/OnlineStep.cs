using System.Diagnostics;
using FlightDelay.Features;
using FlightDelay.Live;
using Mlp.Core;
using Mlp.Features;

namespace FlightDelay.Pipeline;

/// <summary>The online store with everything that was known when the held-out month began.</summary>
internal sealed class OnlineStep(Workspace workspace, FlightHistory history)
{
    /// <summary>How long opening took, without the materialisation that the first run does.</summary>
    public TimeSpan OpenTime { get; private set; }

    /// <summary>Whether an earlier run had filled the store.</summary>
    public bool IsReused { get; private set; }

    private string Folder => workspace.At("online");

    private string Key => Workspace.Key("online 2", history.Digest, FlightFeatures.Service.Digest);

    public async Task<OnlineStore> RunAsync(IProgress<double> progress, CancellationToken cancellationToken)
    {
        // The definitions are the store's own to check; which flights it was made of is not.
        IsReused = workspace.IsDone("online", Key);
        if (!IsReused)
        {
            Remove();
        }

        try
        {
            return await OpenAsync(progress, cancellationToken);
        }
        catch (MlpException e) when (e.Code == FeatureErrors.StoreDamaged)
        {
            IsReused = false;
            Remove();
            return await OpenAsync(progress, cancellationToken);
        }
    }

    /// <summary>Requires that what came from the store is what the offline store says. If it is not, the store is made anew by the next run.</summary>
    /// <exception cref="DemoException">Rows or answers differ.</exception>
    public void RequireSame(LiveResult live, ThroughputResult throughput)
    {
        if (live.Differences > 0 || throughput.Wrong > 0)
        {
            workspace.Begin("online");
            throw new DemoException($"{live.Differences} live rows differ from the offline ones and {throughput.Wrong} answers changed in company; 0 were expected. The next run makes the online store anew.");
        }
    }

    private async Task<OnlineStore> OpenAsync(IProgress<double> progress, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var store = OnlineStore.Open(Folder, FlightFeatures.Service);
        OpenTime = watch.Elapsed;
        try
        {
            await Materializer.RunAsync(history.Store, store, FlightHistory.HeldOutBegin, progress, cancellationToken);
            workspace.Complete("online", Key);
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    private void Remove()
    {
        workspace.Begin("online");
        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }
    }
}
