using Mlp.Core;
using Mlp.Monitoring;
using Mlp.Registry.Client;
using Mlp.Registry.Server;

namespace Mlp.Registry.Tests;

/// <summary>A registry over loopback, a folder, and clients of it.</summary>
internal sealed class Playground : IAsyncDisposable
{
    private readonly List<IDisposable> _clients = [];

    private Playground(string root, RegistryServer server, string? token)
    {
        Root = root;
        Server = server;
        Token = token;
        Wire = new Wire(server.Address, token);
        Client = Connect("cache");
    }

    public string Root { get; }

    public string Store => Path.Combine(Root, "store");

    public RegistryServer Server { get; }

    public RegistryClient Client { get; }

    public Wire Wire { get; }

    private string? Token { get; }

    public static async Task<Playground> StartAsync(Func<RegistryServerOptions, RegistryServerOptions>? change = null)
    {
        var root = Directory.CreateTempSubdirectory("mlp-registry-").FullName;
        var options = new RegistryServerOptions { Folder = Path.Combine(root, "store") };
        options = change?.Invoke(options) ?? options;
        return new Playground(root, await RegistryServer.StartAsync(options), options.Token);
    }

    public RegistryClient Connect(string cache, Func<RegistryClientOptions, RegistryClientOptions>? change = null)
    {
        var options = new RegistryClientOptions { Server = Server.Address, CacheFolder = Path.Combine(Root, cache), Token = Token, RetriesMax = 1, RetryDelay = TimeSpan.Zero };
        var client = new RegistryClient(change?.Invoke(options) ?? options);
        _clients.Add(client);
        return client;
    }

    /// <summary>A package whose model file and metrics are given.</summary>
    public ModelPackage Package(string content = "model", IReadOnlyDictionary<string, double>? metrics = null, IReadOnlyList<EvaluationSlice>? slices = null, string name = "flight-delay")
    {
        var builder = new PackageBuilder().Add("model.onnx", System.Text.Encoding.UTF8.GetBytes(content)).Add("notes/read.me", "notes"u8.ToArray());
        if (metrics is not null)
        {
            builder.Add(EvaluationReport.FileName, EvaluationReportJson.Write(new EvaluationReport { Rows = 10, Metrics = metrics, Slices = slices ?? [] }));
        }

        return builder.Write(Path.Combine(Root, "made", Guid.NewGuid().ToString("N")), new PackageManifest
        {
            Name = name,
            EvaluationFile = metrics is null ? null : EvaluationReport.FileName,
            Signature = new ModelSignature(
                [new TensorSpec("x", ElementType.Float32, TensorDimension.Free("batch"), TensorDimension.Fixed(3))],
                [new TensorSpec("y", ElementType.Float32, TensorDimension.Free("batch"))]),
        });
    }

    public async Task<RegisteredVersion> PublishAsync(string content = "model", IReadOnlyDictionary<string, double>? metrics = null) =>
        await Client.PublishAsync(Package(content, metrics));

    /// <summary>The file of a digest in the server's store.</summary>
    public string BlobPath(string digest) => Path.Combine(Store, "blobs", ContentDigest.Hex(digest)[..2], ContentDigest.Hex(digest));

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            client.Dispose();
        }

        Wire.Dispose();
        await Server.DisposeAsync();
        Directory.Delete(Root, recursive: true);
    }
}
