using Mlp.Core;
using Mlp.Registry.Client;

namespace Mlp.Registry.Tests.Client;

public class CacheTests
{
    [Fact]
    public async Task With_the_server_down_the_last_known_version_is_resolved_and_opened()
    {
        await using var p = await Playground.StartAsync();
        var (_, digest) = await Production(p);
        var answered = await p.Client.ResolveAsync("flight-delay", "production");
        await p.Client.DownloadAsync(answered);
        await p.Server.DisposeAsync();

        // A program that starts while the server is down.
        var fresh = p.Connect("cache");
        var resolved = await fresh.ResolveAsync("flight-delay", "production");
        Assert.True(resolved.FromCache);
        Assert.Equal((digest, answered.Version), (resolved.Digest, resolved.Version));
        Assert.Equal(answered.AnsweredAt.ToUnixTimeMilliseconds(), resolved.AnsweredAt.ToUnixTimeMilliseconds());
        Assert.Equal(digest, (await fresh.DownloadAsync(resolved)).Digest);
        Assert.Equal(RegistryErrors.Unreachable, (await Assert.ThrowsAsync<RegistryException>(() => fresh.ResolveAsync("flight-delay", "other"))).Code);
        Assert.Equal(RegistryErrors.Unreachable, (await Assert.ThrowsAsync<RegistryException>(() => fresh.StartRunAsync("e", "r"))).Code);
    }

    [Fact]
    public async Task A_known_answer_belongs_to_the_registry_that_gave_it()
    {
        await using var p = await Playground.StartAsync();
        await Production(p);
        await p.Client.ResolveAsync("flight-delay", "production");
        await p.Connect("cache", o => o with { CacheScope = "main" }).ResolveAsync("flight-delay", "production");
        var nowhere = new Uri("http://127.0.0.1:1");
        await Assert.ThrowsAsync<RegistryException>(() => p.Connect("cache", o => o with { Server = nowhere }).ResolveAsync("flight-delay", "production"));
        Assert.True((await p.Connect("cache", o => o with { Server = nowhere, CacheScope = "main" }).ResolveAsync("flight-delay", "production")).FromCache);
    }

    [Fact]
    public async Task A_damaged_known_answer_is_reported_and_not_believed()
    {
        await using var p = await Playground.StartAsync();
        await Production(p);
        await p.Client.ResolveAsync("flight-delay", "production");
        var file = Assert.Single(Directory.GetFiles(Path.Combine(p.Root, "cache", "resolutions")));
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace("sha256:", "../../x:", StringComparison.Ordinal));
        await p.Server.DisposeAsync();
        Assert.Equal(RegistryErrors.Cache, (await Assert.ThrowsAsync<RegistryException>(() => p.Client.ResolveAsync("flight-delay", "production"))).Code);
    }

    [Fact]
    public async Task A_file_that_was_changed_in_the_store_is_refused_and_not_kept()
    {
        await using var p = await Playground.StartAsync();
        var (package, digest) = await Production(p);
        var blob = p.BlobPath(package.Manifest.Files.Single(f => f.Path == "model.onnx").Digest);
        foreach (var content in (string[])["mOdel", "model and more", "mod"])
        {
            await File.WriteAllTextAsync(blob, content);
            Assert.Equal(ErrorCodes.PackageDamaged, (await Assert.ThrowsAsync<PackageException>(() => p.Client.DownloadAsync(digest))).Code);
        }

        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(p.Root, "cache", "packages")));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(p.Root, "cache", "incoming")));
        await File.WriteAllTextAsync(blob, "model");
        await p.Client.DownloadAsync(digest);
    }

    [Fact]
    public async Task A_manifest_that_was_changed_in_the_store_is_refused()
    {
        await using var p = await Playground.StartAsync();
        var (_, digest) = await Production(p);
        var blob = p.BlobPath(digest);
        await File.WriteAllTextAsync(blob, (await File.ReadAllTextAsync(blob)).Replace("float32", "float64", StringComparison.Ordinal));
        Assert.Equal(ErrorCodes.PackageDamaged, (await Assert.ThrowsAsync<RegistryException>(() => p.Client.DownloadAsync(digest))).Code);
    }

    [Fact]
    public async Task A_package_that_was_changed_in_the_cache_is_fetched_again_or_refused()
    {
        await using var p = await Playground.StartAsync();
        var (_, digest) = await Production(p);
        var cached = await p.Client.DownloadAsync(digest);
        await File.WriteAllTextAsync(cached.ModelPath, "mOdel");
        Assert.Equal("model", await File.ReadAllTextAsync((await p.Client.DownloadAsync(digest)).ModelPath));
        await File.WriteAllTextAsync(cached.ModelPath, "mOdel");
        await p.Server.DisposeAsync();
        var error = await Assert.ThrowsAsync<RegistryException>(() => p.Client.DownloadAsync(digest));
        Assert.Equal(RegistryErrors.Cache, error.Code);
        Assert.Contains("model.onnx", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_that_want_the_same_package_at_once_download_it_once()
    {
        await using var p = await Playground.StartAsync();
        var (package, digest) = await Production(p);
        using var counter = new FlakyHandler((_, _) => null);
        var clients = Enumerable.Range(0, 6).Select(_ => p.Connect("shared", o => o with { Handler = counter })).ToArray();
        var packages = await Task.WhenAll(clients.Select(c => Task.Run(() => c.DownloadAsync(digest))));
        Assert.All(packages, d => Assert.Equal(digest, d.Digest));
        Assert.Equal(1 + package.Manifest.Files.Count, counter.Count);
    }

    [Fact]
    public async Task The_cache_drops_what_was_longest_unused_and_never_what_a_client_has_open()
    {
        await using var p = await Playground.StartAsync();
        var digests = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            digests.Add((await p.PublishAsync($"{i}" + new string('x', 10_000))).Digest!);
        }

        var time = new ManualTime(new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero));
        RegistryClient Open() => p.Connect("small", o => o with { CacheBytesMax = 25_000, Time = time });
        bool Has(int i) => Directory.Exists(Path.Combine(p.Root, "small", "packages", ContentDigest.Hex(digests[i])));
        using (var first = Open())
        {
            await first.DownloadAsync(digests[0]);
            time.Now += TimeSpan.FromDays(1);
            await first.DownloadAsync(digests[1]);
            time.Now += TimeSpan.FromDays(1);
            await first.DownloadAsync(digests[0]);

            // Both are open: there is no room for a third.
            Assert.Equal(ErrorCodes.LimitReached, (await Assert.ThrowsAsync<RegistryException>(() => Open().DownloadAsync(digests[2]))).Code);
            Assert.True(Has(0) && Has(1));
        }

        await Open().DownloadAsync(digests[2]);
        Assert.Equal((true, false, true), (Has(0), Has(1), Has(2)));
        Assert.Equal(ErrorCodes.LimitReached, (await Assert.ThrowsAsync<RegistryException>(() => p.Connect("tiny", o => o with { CacheBytesMax = 100 }).DownloadAsync(digests[3]))).Code);
    }

    [Fact]
    public async Task What_a_process_that_died_left_behind_is_swept_away()
    {
        await using var p = await Playground.StartAsync();
        var (_, digest) = await Production(p);
        var left = Directory.CreateDirectory(Path.Combine(p.Root, "cache", "incoming", "left"));
        await File.WriteAllTextAsync(Path.Combine(left.FullName, "half"), "ha");
        await p.Client.DownloadAsync(digest);
        Assert.False(left.Exists && Directory.Exists(left.FullName));
    }

    [Fact]
    public async Task A_cache_that_is_no_folder_any_more_is_a_typed_error()
    {
        await using var p = await Playground.StartAsync();
        var (_, digest) = await Production(p);
        Directory.Delete(Path.Combine(p.Root, "cache"), recursive: true);
        Assert.Equal(RegistryErrors.Cache, (await Assert.ThrowsAsync<RegistryException>(() => p.Client.DownloadAsync(digest))).Code);
        Assert.Equal(RegistryErrors.Cache, (await Assert.ThrowsAsync<RegistryException>(() => p.Client.ResolveAsync("flight-delay", "production"))).Code);
    }

    private static async Task<(ModelPackage Package, string Digest)> Production(Playground p)
    {
        var package = p.Package();
        await p.Client.PublishAsync(package);
        await p.Wire.Ok("mlflow/registered-models/alias", """{"name":"flight-delay","alias":"production","version":"1"}""");
        return (package, package.Digest);
    }
}
