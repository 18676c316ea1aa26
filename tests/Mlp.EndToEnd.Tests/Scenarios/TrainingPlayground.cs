using FlightDelay.Pipeline;
using Mlp.Registry.Client;
using Mlp.Registry.Server;

namespace Mlp.EndToEnd.Tests.Scenarios;

/// <summary>A workspace with a registry in which a training runs.</summary>
internal sealed class TrainingPlayground : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;

    private TrainingPlayground(TemporaryFolder folder, RegistryServer server)
    {
        _folder = folder;
        Server = server;
        Workspace = Workspace.Open(folder.At("workspace"), fresh: false);
        Registry = new RegistryClient(new RegistryClientOptions { Server = server.Address, CacheFolder = folder.At("cache"), RetriesMax = 1, RetryDelay = TimeSpan.Zero });
    }

    public RegistryServer Server { get; }

    public Workspace Workspace { get; }

    public RegistryClient Registry { get; }

    public static async Task<TrainingPlayground> StartAsync()
    {
        var folder = new TemporaryFolder();
        return new TrainingPlayground(folder, await RegistryServer.StartAsync(new RegistryServerOptions { Folder = folder.At("registry") }));
    }

    public TrainingStep Training(SomeFlights flights) => new(Workspace, flights.History, Registry, TimeProvider.System);

    /// <summary>The one run that was started.</summary>
    public async Task<RunRecord> RunAsync() => Assert.Single(await Registry.ListRunsAsync(TrainingStep.ModelName));

    public async ValueTask DisposeAsync()
    {
        Registry.Dispose();
        Workspace.Dispose();
        await Server.DisposeAsync();
        _folder.Dispose();
    }
}
