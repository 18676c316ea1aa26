using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Mlp.Core;
using Mlp.Registry.Client;
using Mlp.Registry.Server;

namespace Mlp.Registry.Tests.Protocol;

public sealed class HostingTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("mlp-hosting-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task A_host_serves_the_registry_beside_its_own_routes()
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddMlpRegistry(new RegistryServerOptions { Folder = Path.Combine(_root, "store"), Token = "t" });
        await using var app = builder.Build();
        app.MapMlpRegistry();
        app.MapGet("/own", () => "mine");
        await app.StartAsync();
        var address = new Uri(app.Urls.Single());
        using var http = new HttpClient { BaseAddress = address };
        Assert.Equal("mine", await http.GetStringAsync(new Uri("/own", UriKind.Relative)));
        using var client = new RegistryClient(new RegistryClientOptions { Server = address, CacheFolder = Path.Combine(_root, "cache"), Token = "t" });
        Assert.NotNull(await client.StartRunAsync("e", "r"));
    }

    [Fact]
    public async Task A_folder_of_a_newer_program_is_refused_and_left_as_it_is()
    {
        var options = new RegistryServerOptions { Folder = _root };
        await (await RegistryServer.StartAsync(options)).DisposeAsync();
        using (var database = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(_root, "registry.db")};Pooling=False"))
        {
            database.Open();
            using var command = database.CreateCommand();
            command.CommandText = "PRAGMA user_version = 99";
            command.ExecuteNonQuery();
        }

        var error = await Assert.ThrowsAsync<MlpException>(() => RegistryServer.StartAsync(options));
        Assert.Equal("registry.schema_newer", error.Code);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(100, 4096)]
    public async Task A_damaged_database_is_refused_with_its_path(int from, int until)
    {
        var options = new RegistryServerOptions { Folder = _root };
        await (await RegistryServer.StartAsync(options)).DisposeAsync();
        var path = Path.Combine(_root, "registry.db");
        var bytes = until == 0 ? "this is no database, however long one looks at it"u8.ToArray() : await File.ReadAllBytesAsync(path);
        bytes.AsSpan(from, until - from).Fill(0xA5);
        await File.WriteAllBytesAsync(path, bytes);
        var error = await Assert.ThrowsAsync<MlpException>(() => RegistryServer.StartAsync(options));
        Assert.Equal("registry.database_damaged", error.Code);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_in_the_place_of_the_database_is_refused_with_its_path()
    {
        var path = Directory.CreateDirectory(Path.Combine(_root, "registry.db")).FullName;
        var error = await Assert.ThrowsAsync<MlpException>(() => RegistryServer.StartAsync(new RegistryServerOptions { Folder = _root }));
        Assert.Equal("registry.database_unavailable", error.Code);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_servers_on_one_folder_see_each_others_writes()
    {
        var options = new RegistryServerOptions { Folder = _root };
        await using var first = await RegistryServer.StartAsync(options);
        await using var second = await RegistryServer.StartAsync(options);
        using var one = new Wire(first.Address, null);
        using var two = new Wire(second.Address, null);
        var runs = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => (i % 2 == 0 ? one : two).NewRun($"r{i}"))));
        foreach (var run in runs)
        {
            await one.Ok("mlflow/runs/get?run_id=" + run);
            await two.Ok("mlflow/runs/get?run_id=" + run);
        }
    }

    [Fact]
    public async Task One_upload_more_than_allowed_is_told_to_come_later()
    {
        var options = new RegistryServerOptions { Folder = _root, Limits = new RegistryLimits { UploadsMax = 1 } };
        await using var server = await RegistryServer.StartAsync(options);
        using var handler = new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromMinutes(1) };
        using var http = new HttpClient(handler) { BaseAddress = server.Address };
        using var held = new HeldContent("x"u8.ToArray());
        using var first = new HttpRequestMessage(HttpMethod.Put, "/api/2.0/mlp/blobs/" + ContentDigest.Of("x"u8)) { Content = held };
        first.Headers.ExpectContinue = true;
        var running = http.SendAsync(first);
        await held.Started;
        using var second = await http.PutAsync(new Uri("/api/2.0/mlp/blobs/" + ContentDigest.Of("y"u8), UriKind.Relative), new ByteArrayContent("y"u8.ToArray()));
        Assert.Equal(429, (int)second.StatusCode);
        held.Release();
        using var done = await running;
        Assert.Equal(200, (int)done.StatusCode);
    }

    /// <summary>Says when the server asks for it, and gives its bytes when the test says so.</summary>
    private sealed class HeldContent(byte[] bytes) : HttpContent
    {
        private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Started => _started.Task;

        public void Release() => _released.TrySetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            _started.TrySetResult();
            await _released.Task;
            await stream.WriteAsync(bytes);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes.Length;
            return true;
        }
    }
}
