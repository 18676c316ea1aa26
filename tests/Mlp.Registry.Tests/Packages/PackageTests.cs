using System.Net;
using Mlp.Core;
using Mlp.Registry.Server;

namespace Mlp.Registry.Tests.Packages;

public class PackageTests
{
    [Fact]
    public async Task A_manifest_whose_files_were_not_uploaded_is_refused_and_stays_invisible()
    {
        await using var p = await Playground.StartAsync();
        var package = p.Package();
        var manifest = await File.ReadAllBytesAsync(Path.Combine(package.Folder, PackageManifest.FileName));
        Assert.Equal(HttpStatusCode.BadRequest, await Put(p, "packages/" + package.Digest, manifest));
        await p.Wire.Refused(404, "RESOURCE_DOES_NOT_EXIST", "mlp/packages/" + package.Digest);
        await p.Wire.Refused(404, "RESOURCE_DOES_NOT_EXIST", "mlp/model-versions/publish", $$"""{"digest":"{{package.Digest}}"}""");
    }

    [Fact]
    public async Task Bytes_with_another_digest_than_promised_are_refused_and_leave_nothing()
    {
        await using var p = await Playground.StartAsync();
        var digest = ContentDigest.Of("promised"u8);
        Assert.Equal(HttpStatusCode.BadRequest, await Put(p, "blobs/" + digest, "other"u8.ToArray()));
        Assert.Empty(Directory.GetFiles(Path.Combine(p.Store, "blobs"), "*", SearchOption.AllDirectories));
        Assert.Empty(Directory.GetFiles(Path.Combine(p.Store, "uploads")));
        await p.Wire.Refused(404, "RESOURCE_DOES_NOT_EXIST", "mlp/blobs/" + digest);
    }

    [Theory]
    [InlineData("..%2f..%2fregistry.db")]
    [InlineData("sha256:..%2f")]
    [InlineData("sha256:ABCDEF")]
    [InlineData("%2fetc%2fpasswd")]
    public async Task What_is_no_digest_is_refused_before_it_touches_a_path(string digest)
    {
        await using var p = await Playground.StartAsync();
        await p.Wire.Refused(400, "INVALID_PARAMETER_VALUE", "mlp/blobs/" + digest);
        await p.Wire.Refused(400, "INVALID_PARAMETER_VALUE", "mlp/packages/" + digest);
        Assert.Equal(HttpStatusCode.BadRequest, await Put(p, "blobs/" + digest, "x"u8.ToArray()));
    }

    [Fact]
    public async Task A_manifest_with_a_path_out_of_the_package_is_refused()
    {
        await using var p = await Playground.StartAsync();
        var package = p.Package();
        var manifest = await File.ReadAllTextAsync(Path.Combine(package.Folder, PackageManifest.FileName));
        var bytes = System.Text.Encoding.UTF8.GetBytes(manifest.Replace("notes/read.me", "../../read.me", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.BadRequest, await Put(p, "packages/" + ContentDigest.Of(bytes), bytes));
    }

    [Fact]
    public async Task An_upload_that_breaks_off_leaves_nothing_visible()
    {
        await using var p = await Playground.StartAsync();
        var digest = ContentDigest.Of(new byte[1 << 20]);
        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/2.0/mlp/blobs/" + digest) { Content = new BreakingContent(1 << 20, 300_000) };

        // The body starts when the server asks for it: by then its file is open.
        request.Headers.ExpectContinue = true;
        using var handler = new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromMinutes(1) };
        using var http = new HttpClient(handler) { BaseAddress = p.Server.Address };
        await Assert.ThrowsAnyAsync<Exception>(() => http.SendAsync(request));
        await p.Wire.Refused(404, "RESOURCE_DOES_NOT_EXIST", "mlp/blobs/" + digest);

        // Stopping waits for the server's side of the broken request.
        await p.Server.DisposeAsync();
        Assert.Empty(Directory.GetFiles(Path.Combine(p.Store, "blobs"), "*", SearchOption.AllDirectories));
        Assert.Empty(Directory.GetFiles(Path.Combine(p.Store, "uploads")));
    }

    [Fact]
    public async Task A_file_beyond_the_limit_is_refused_whether_or_not_it_states_its_length()
    {
        await using var p = await Playground.StartAsync(o => o with { Limits = new RegistryLimits { BlobBytesMax = 1000 } });
        var bytes = new byte[50_000];
        var path = "blobs/" + ContentDigest.Of(bytes);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await Put(p, path, bytes));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await Put(p, path, bytes, chunked: true));
        Assert.Empty(Directory.GetFiles(Path.Combine(p.Store, "uploads")));
    }

    [Fact]
    public async Task Two_clients_that_publish_the_same_package_at_once_get_one_version()
    {
        await using var p = await Playground.StartAsync();
        var package = p.Package();
        var clients = Enumerable.Range(0, 8).Select(i => p.Connect($"cache{i}")).ToArray();
        var versions = await Task.WhenAll(clients.Select(c => Task.Run(() => c.PublishAsync(package))));
        Assert.All(versions, v => Assert.Equal(("1", package.Digest), (v.Version, v.Digest)));
        Assert.Equal("2", (await p.PublishAsync("another")).Version);
        Assert.Equal("1", (await p.Client.PublishAsync(package)).Version);
    }

    [Fact]
    public async Task A_damaged_file_in_the_store_is_healed_by_publishing_again()
    {
        await using var p = await Playground.StartAsync();
        var package = p.Package("right");
        await p.Client.PublishAsync(package);
        var blob = p.BlobPath(package.Manifest.Files.Single(f => f.Path == "model.onnx").Digest);
        await File.WriteAllTextAsync(blob, "shorter"[..3]);
        await p.Client.PublishAsync(package);
        Assert.Equal("right", await File.ReadAllTextAsync(blob));
    }

    [Fact]
    public async Task A_registry_that_starts_again_has_everything_it_had()
    {
        await using var p = await Playground.StartAsync();
        var version = await p.PublishAsync();
        var run = await p.Wire.NewRun();
        await p.Wire.Ok("mlflow/registered-models/alias", """{"name":"flight-delay","alias":"production","version":"1"}""");
        await p.Server.DisposeAsync();
        await using var again = await RegistryServer.StartAsync(new RegistryServerOptions { Folder = p.Store });
        using var wire = new Wire(again.Address, null);
        Assert.Equal(version.Version, (await wire.Ok("mlflow/registered-models/alias?name=flight-delay&alias=production")).GetProperty("model_version").GetProperty("version").GetString());
        await wire.Ok("mlflow/runs/get?run_id=" + run);
        await wire.Ok("mlp/packages/" + version.Digest);
    }

    private static async Task<HttpStatusCode> Put(Playground p, string path, byte[] bytes, bool chunked = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/2.0/mlp/" + path) { Content = new ByteArrayContent(bytes) };
        request.Headers.ExpectContinue = true;
        request.Headers.TransferEncodingChunked = chunked;
        using var response = await p.Wire.Http.SendAsync(request);
        return response.StatusCode;
    }

    /// <summary>States a length, and fails on the way to it.</summary>
    private sealed class BreakingContent(long stated, int sent) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(new byte[sent]);
            await stream.FlushAsync();
            throw new IOException("the network is gone");
        }

        protected override bool TryComputeLength(out long length)
        {
            length = stated;
            return true;
        }
    }
}
