using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Hosting;

/// <summary>A model that was unloaded to make room holds its memory until its last run came back.</summary>
public class RoomTests
{
    private static readonly BatchingOptions Batching = new() { BatchRowsMax = 4, QueueRowsMax = 16, Instances = 1, DrainTimeout = TimeSpan.FromMilliseconds(20) };
    private static readonly HostedModelOptions OnEdge = new() { Runtime = RuntimeChoice.Edge, Batching = Batching };

    [Fact]
    public async Task What_is_held_by_a_run_that_outlasts_its_time_counts_and_a_load_without_room_names_who_holds_it()
    {
        using var folder = new TemporaryFolder();
        using var gate = new Gate();
        var (each, next) = (await BytesAsync(folder), TestModels.Package(folder, TestModels.Identity(1), "next"));
        await using var host = new ModelHost(new ModelHostOptions { MemoryBytesMax = each + (each / 2), RoomTimeout = TimeSpan.FromMilliseconds(50) });
        var (hangs, scripted, running) = await LoadHangingAsync(host, folder, gate);
        var error = await Assert.ThrowsAsync<MlpException>(() => host.LoadAsync(next, OnEdge));
        Assert.Equal(ErrorCodes.LimitReached, error.Code);
        Assert.Contains($"'hangs' {hangs.Version.Version} ({each} bytes)", error.Message, StringComparison.Ordinal);
        Assert.False(hangs.IsLoaded);
        Assert.False(scripted.IsDisposed);
        Assert.Equal((each, 1), (host.ResidentBytes, host.Evictions));
        Assert.Equal(InferenceErrors.Closed, (await Assert.ThrowsAsync<MlpException>(() => running)).Code);

        // Nor is there room for the model itself.
        Assert.Equal(ErrorCodes.LimitReached, (await Assert.ThrowsAsync<MlpException>(async () => await host.GetAsync("hangs"))).Code);
        gate.Open();
        await hangs.Version.Unloaded.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(0, host.ResidentBytes);
        Assert.True((await host.LoadAsync(next, OnEdge)).IsLoaded);
    }

    [Fact]
    public async Task Where_one_that_was_to_make_room_hangs_the_next_one_does()
    {
        using var folder = new TemporaryFolder();
        using var gate = new Gate();
        var each = await BytesAsync(folder);
        await using var host = new ModelHost(new ModelHostOptions { MemoryBytesMax = (2 * each) + (each / 2) });
        var (hangs, scripted, _) = await LoadHangingAsync(host, folder, gate);
        var idle = await host.LoadAsync(TestModels.Package(folder, TestModels.Identity(1), "idle"), OnEdge);
        var next = await host.LoadAsync(TestModels.Package(folder, TestModels.Identity(1), "next"), OnEdge);
        Assert.Equal((false, false, true), (hangs.IsLoaded, idle.IsLoaded, next.IsLoaded));
        Assert.False(scripted.IsDisposed);
        Assert.Equal((2 * each, 2), (host.ResidentBytes, host.Evictions));
        gate.Open();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_load_waits_for_what_an_unload_or_a_swap_still_holds(bool byUnload)
    {
        using var folder = new TemporaryFolder();
        using var gate = new Gate();
        var each = await BytesAsync(folder);
        await using var host = new ModelHost(new ModelHostOptions { MemoryBytesMax = each + (each / 2), RoomTimeout = TimeSpan.FromMinutes(10) });
        var (hangs, scripted, _) = await LoadHangingAsync(host, folder, gate);
        var version = hangs.Version;
        if (byUnload)
        {
            Assert.True(await host.UnloadAsync("hangs"));
        }
        else
        {
            await host.LoadAsync(TestModels.Package(folder, TestModels.Identity(1), "hangs"), OnEdge);
        }

        Assert.False(version.Unloaded.IsCompleted);
        using var cancel = new CancellationTokenSource();
        var package = TestModels.Package(folder, TestModels.Identity(1), "next");
        var none = host.LoadAsync(package, OnEdge, cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => none);
        Assert.False(scripted.IsDisposed);
        var next = host.LoadAsync(package, OnEdge);
        gate.Open();
        Assert.True((await next.WaitAsync(TimeSpan.FromMinutes(1))).IsLoaded);
        Assert.Equal(each, host.ResidentBytes);
    }

    [Fact]
    public async Task A_load_whose_time_is_over_while_it_waits_for_room_names_who_holds_it()
    {
        using var folder = new TemporaryFolder();
        using var gate = new Gate();
        var each = await BytesAsync(folder);
        await using var host = new ModelHost(new ModelHostOptions { MemoryBytesMax = each + (each / 2), RoomTimeout = TimeSpan.FromMinutes(10) });
        await LoadHangingAsync(host, folder, gate);
        var late = await Assert.ThrowsAsync<MlpException>(() => host.LoadAsync(TestModels.Package(folder, TestModels.Identity(1), "next"), OnEdge with { LoadTimeout = TimeSpan.FromMilliseconds(50) }));
        Assert.Equal(InferenceErrors.LoadTimeout, late.Code);
        Assert.Contains("'hangs'", late.Message, StringComparison.Ordinal);
        gate.Open();
    }

    [Fact]
    public async Task A_host_that_is_disposed_ends_a_load_that_waits_for_room()
    {
        using var folder = new TemporaryFolder();
        using var gate = new Gate();
        var each = await BytesAsync(folder);
        var host = new ModelHost(new ModelHostOptions { MemoryBytesMax = each + (each / 2), RoomTimeout = TimeSpan.FromMinutes(10) });
        await LoadHangingAsync(host, folder, gate);
        var waiting = host.LoadAsync(TestModels.Package(folder, TestModels.Identity(1), "next"), OnEdge);
        await host.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        gate.Open();
    }

    [Fact]
    public void A_time_for_room_that_cannot_be_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ModelHost(new ModelHostOptions { RoomTimeout = TimeSpan.FromTicks(-1) }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ModelHost(new ModelHostOptions { RoomTimeout = TimeSpan.FromDays(2) }));
    }

    private static async Task<(HostedModel Model, ScriptedModel Scripted, Task Running)> LoadHangingAsync(ModelHost host, TemporaryFolder folder, Gate gate)
    {
        var scripted = new ScriptedModel(1) { OnRun = (_, _) => gate.Pass() };
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Identity(1), "hangs"), new HostedModelOptions { Runtime = new ScriptedRuntime(() => scripted), Batching = Batching });
        var running = model.PredictValueAsync([1]).AsTask();
        gate.AwaitArrival();
        return (model, scripted, running);
    }

    private static async Task<long> BytesAsync(TemporaryFolder folder)
    {
        await using var host = new ModelHost();
        return (await host.LoadAsync(TestModels.Package(folder, TestModels.Identity(1), "measured"), OnEdge)).Version.MemoryBytes;
    }
}
