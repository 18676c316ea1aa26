using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Hosting;

public class SourceTests
{
    private static readonly HostedModelOptions OnEdge = new() { Runtime = RuntimeChoice.Edge };

    [Fact]
    public async Task A_package_comes_as_a_stream_and_its_folder_goes_with_its_version()
    {
        using var folder = new TemporaryFolder();
        string first, last;
        await using (var host = new ModelHost())
        {
            var package = TestModels.Package(folder, TestModels.Adds(1, 10));
            var model = await host.LoadAsync(Archive(package), OnEdge);
            Assert.Equal(11, await model.PredictValueAsync([1]));
            Assert.Equal(package.Digest, model.Package.Digest);
            var before = model.Version;
            first = model.Package.Folder;
            Assert.True(Directory.Exists(first));
            await host.LoadAsync(Archive(TestModels.Package(folder, TestModels.Adds(1, 20))), OnEdge);
            await before.Unloaded;
            last = model.Package.Folder;
            Assert.Equal(21, await model.PredictValueAsync([1]));

            using var broken = new MemoryStream(Archive(package).ToArray()[..100]);
            await Assert.ThrowsAsync<PackageException>(() => host.LoadAsync(broken, OnEdge));
            Assert.Equal([last], Directory.GetFileSystemEntries(Path.GetDirectoryName(last)!));
        }

        Assert.False(Directory.Exists(Path.GetDirectoryName(first)));
        Assert.False(Directory.Exists(Path.GetDirectoryName(last)));
    }

    [Fact]
    public async Task A_watched_source_swaps_the_version_when_the_digest_changes()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var source = new FakeSource { Package = TestModels.Package(folder, TestModels.Adds(1, 10)), Version = "1" };
        await using var watch = await host.WatchAsync(source, OnEdge);
        Assert.Equal("1", watch.Model.Version.Version);
        Assert.False(await watch.CheckAsync());
        (source.Package, source.Version) = (TestModels.Package(folder, TestModels.Adds(1, 20)), "2");
        Assert.True(await watch.CheckAsync());
        Assert.Equal(("2", 21f), (watch.Model.Version.Version, await watch.Model.PredictValueAsync([1])));
        Assert.False(await watch.CheckAsync());
    }

    [Fact]
    public async Task A_watched_folder_is_looked_at_when_its_interval_passed()
    {
        using var folder = new TemporaryFolder();
        var time = new ManualTime();
        await using var host = new ModelHost(new ModelHostOptions { TimeProvider = time });
        var path = Path.Combine(folder.Path, "watched");
        Write(10);
        await using var watch = await host.WatchAsync(new FolderPackageSource(path), OnEdge, new WatchOptions { Interval = TimeSpan.FromSeconds(5) });
        var before = watch.Model.Version;
        Write(20);
        time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Same(before, watch.Model.Version);
        time.Advance(TimeSpan.FromSeconds(0.2));
        await before.Unloaded.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(21, await watch.Model.PredictValueAsync([1]));

        void Write(float constant) => new PackageBuilder().Add("model.onnx", TestModels.Adds(1, constant).Write()).Write(path, new PackageManifest { Name = "m", Signature = TestModels.Adds(1, 0).Signature() });
    }

    [Fact]
    public async Task The_old_version_serves_while_the_source_fails_and_the_last_error_is_reported()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var source = new FakeSource { Package = TestModels.Package(folder, TestModels.Adds(1, 10)) };
        await using var watch = await host.WatchAsync(source, OnEdge);
        source.Error = new MlpException("source.away", "The source is away.");
        Assert.False(await watch.CheckAsync());
        Assert.False(await watch.CheckAsync());
        Assert.Equal(("The source is away.", 2), (watch.LastError, watch.Failures));
        Assert.Equal("The source is away.", watch.Model.LastLoadError);

        source.Error = null;
        source.Package = TestModels.Package(folder, TestModels.Adds(2, 10));
        Assert.False(await watch.CheckAsync());
        Assert.Contains("signature", watch.LastError, StringComparison.Ordinal);
        Assert.Equal(11, await watch.Model.PredictValueAsync([1]));

        source.Package = TestModels.Package(folder, TestModels.Adds(1, 30));
        Assert.True(await watch.CheckAsync());
        Assert.Equal((null, 0, null), (watch.LastError, watch.Failures, watch.Model.LastLoadError));
        Assert.Equal(31, await watch.Model.PredictValueAsync([1]));
    }

    [Fact]
    public async Task A_first_version_that_does_not_load_is_an_error_at_once_and_nothing_is_watched()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        await Assert.ThrowsAsync<PackageException>(() => host.WatchAsync(new FolderPackageSource(Path.Combine(folder.Path, "none")), OnEdge));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WatchOptions { Interval = TimeSpan.FromMilliseconds(1) }.Validate());
        Assert.Throws<ArgumentOutOfRangeException>(() => new WatchOptions { FailureIntervalMax = TimeSpan.FromSeconds(1) }.Validate());
        Assert.Empty(host.Models);
    }

    [Fact]
    public async Task A_host_that_is_disposed_while_a_stream_comes_says_so()
    {
        using var folder = new TemporaryFolder();
        using var gate = new Gate();
        var host = new ModelHost();
        using var archive = Archive(TestModels.Package(folder, TestModels.Adds(1, 10)));
        using var slow = new GatedStream(archive, gate);
        var loading = host.LoadAsync(slow, OnEdge);
        gate.AwaitArrival();
        await host.DisposeAsync();
        gate.Open();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => loading);
    }

    private sealed class GatedStream(Stream inner, Gate gate) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            gate.Pass();
            return inner.Read(buffer, offset, count);
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }

    [Fact]
    public async Task A_package_that_was_replaced_after_it_was_opened_is_not_loaded_as_what_it_was()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var path = Path.Combine(folder.Path, "replaced");
        var first = Write(10);
        var model = await host.LoadAsync(first, OnEdge);
        Write(20);
        Assert.Equal(ErrorCodes.PackageDamaged, (await Assert.ThrowsAsync<PackageException>(() => host.LoadAsync(first, OnEdge))).Code);
        Directory.Delete(path, recursive: true);
        Assert.Equal(ErrorCodes.PackageDamaged, (await Assert.ThrowsAsync<PackageException>(() => host.LoadAsync(first, OnEdge))).Code);
        Assert.Equal((first.Digest, 11), (model.Version.Digest, await model.PredictValueAsync([1])));

        ModelPackage Write(float constant) => new PackageBuilder().Add("model.onnx", TestModels.Adds(1, constant).Write()).Write(path, new PackageManifest { Name = "m", Signature = TestModels.Adds(1, 0).Signature() });
    }

    [Fact]
    public async Task A_model_that_is_unloaded_while_its_watch_loads_the_next_version_stays_away()
    {
        using var folder = new TemporaryFolder();
        using var gate = new Gate();
        await using var host = new ModelHost();
        var models = new List<ScriptedModel>();
        var runtime = new ScriptedRuntime(() =>
        {
            models.Add(new ScriptedModel(1) { OnWarmUp = models.Count == 0 ? null : gate.Pass });
            return models[^1];
        });
        var source = new FakeSource { Package = TestModels.Package(folder, TestModels.Adds(1, 10)) };
        await using var watch = await host.WatchAsync(source, new HostedModelOptions { Runtime = runtime, Batching = new BatchingOptions { Instances = 1 } });
        source.Package = TestModels.Package(folder, TestModels.Adds(1, 20));
        var check = watch.CheckAsync();
        gate.AwaitArrival();
        Assert.True(await host.UnloadAsync(watch.Model.Name));
        gate.Open();
        Assert.False(await check);
        Assert.Empty(host.Models);
        Assert.True(models[1].IsDisposed);
    }

    [Fact]
    public async Task A_watch_ends_when_its_model_is_unloaded_and_the_host_keeps_nothing_of_it()
    {
        using var folder = new TemporaryFolder();
        var time = new ManualTime();
        await using var host = new ModelHost(new ModelHostOptions { TimeProvider = time });
        var source = new FakeSource { Package = TestModels.Package(folder, TestModels.Adds(1, 10)) };
        for (var i = 0; i < 3; i++)
        {
            var watch = await host.WatchAsync(source, OnEdge);
            Assert.Equal(1, host.WatchCount);
            await host.UnloadAsync(watch.Model.Name);
            Assert.Equal(0, host.WatchCount);
        }

        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(3, source.Resolutions);
    }

    [Fact]
    public async Task A_disposed_host_looks_at_nothing_any_more()
    {
        using var folder = new TemporaryFolder();
        var time = new ManualTime();
        var host = new ModelHost(new ModelHostOptions { TimeProvider = time });
        var source = new FakeSource { Package = TestModels.Package(folder, TestModels.Adds(1, 10)) };
        await host.WatchAsync(source, OnEdge);
        await host.DisposeAsync();
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, source.Resolutions);
    }

    private static MemoryStream Archive(ModelPackage package)
    {
        var archive = new MemoryStream();
        PackageArchive.Write(package, archive);
        archive.Position = 0;
        return archive;
    }
}
