using System.Globalization;
using Mlp.Core;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

/// <summary>A disk of its own, in a namespace of its own, that is full or read-only: no acknowledged write is lost, and the error says what to do and where.</summary>
public class SmallDiskTests
{
    private const string DiskVariable = "MLP_TEST_SMALL_DISK";
    private const string DurabilityVariable = "MLP_TEST_SMALL_DISK_DURABILITY";
    private static readonly EventSource Readings = new("readings", "at", Column.Integer("sensor"), Column.Integer("value"));
    private static readonly Entity Sensor = new("sensor", "sensor");
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly WindowedView Counts = new("counts", Sensor, Readings, TimeSpan.FromMinutes(10), TimeSpan.Zero, Aggregate.Count(TimeSpan.FromHours(24)));
    private static readonly LatestView Rows = new("rows", Sensor, new EventSource("rows", "at", Column.Integer("sensor"), Column.Vector("x", 64)), ["x"]);
    private static readonly FeatureService Service = new("s", "1", Counts, Rows);

    private static readonly OnlineStoreOptions Small = new()
    {
        MemoryBytes = 1 << 16, PageBytes = 1 << 13, SegmentBytes = 1 << 16, IndexBytes = 1 << 14, LogBytesMax = 1 << 30, JournalPageBytes = 1 << 13, JournalBytesMax = 1 << 26, CheckpointPeriod = TimeSpan.FromDays(1),
    };

    [Theory]
    [InlineData(StoreDurability.Checkpoints)]
    [InlineData(StoreDurability.Journal)]
    public Task A_full_disk_loses_nothing_that_was_acknowledged_and_room_is_all_it_takes(StoreDurability durability) => OnDiskAsync(nameof(Writes_until_the_disk_is_full), durability);

    [Theory]
    [InlineData(StoreDurability.Checkpoints)]
    [InlineData(StoreDurability.Journal)]
    public Task A_read_only_disk_is_refused_with_its_path_and_loses_nothing(StoreDurability durability) => OnDiskAsync(nameof(Opens_on_a_read_only_disk), durability);

    [Fact(Explicit = true)]
    public async Task Writes_until_the_disk_is_full()
    {
        var (disk, options) = Given();
        var (folder, ballast) = (Path.Combine(disk, "store"), Path.Combine(disk, "ballast"));
        File.WriteAllBytes(ballast, new byte[3 << 20]);
        var (written, acknowledged) = (0, 0);
        MlpException? error = null;
        using (var store = OnlineStore.Open(folder, Service, options))
        {
            while (error is null)
            {
                try
                {
                    for (var i = 0; i < 200; i++, written++)
                    {
                        Write(store, written);
                    }

                    await SaveAsync(store, written % 2000 == 0);
                    acknowledged = written;
                }
                catch (MlpException e)
                {
                    error = e;
                }
            }

            Console.Out.WriteLine($">{acknowledged} of {written}: {error.Code} {error.Message}");
            Assert.True(error.Code is FeatureErrors.StoreUnavailable or FeatureErrors.StoreFaulted, error.Message);
            Assert.Contains(folder, error.Message, StringComparison.Ordinal);
            Assert.Matches("full|No space left", error.Message);
            File.Delete(ballast);
            Close(store);
        }

        Assert.True(acknowledged > 0);
        using (var store = OnlineStore.Open(folder, Service, options))
        {
            var found = Count(store);
            Assert.InRange(found, acknowledged, written);
            Check(store, found);
            for (var i = 0; i < 200; i++)
            {
                Write(store, found + i);
            }

            await SaveAsync(store, true);
        }

        using var again = OnlineStore.Open(folder, Service, options);
        Assert.True(Count(again) >= acknowledged + 200);
        Check(again, Count(again));
    }

    [Fact(Explicit = true)]
    public async Task Opens_on_a_read_only_disk()
    {
        var (disk, options) = Given();
        var folder = Path.Combine(disk, "store");
        using (var store = OnlineStore.Open(folder, Service, options))
        {
            for (var i = 0; i < 300; i++)
            {
                Write(store, i);
            }

            await SaveAsync(store, true);
        }

        Assert.Equal(0, (await Command.RunAsync("mount", disk, ["-o", "remount,ro", disk])).ExitCode);
        foreach (var path in (string[])[folder, Path.Combine(disk, "new")])
        {
            var error = Assert.Throws<MlpException>(() => OnlineStore.Open(path, Service, options));
            Console.Out.WriteLine($">{error.Code} {error.Message}");
            Assert.Equal(FeatureErrors.StoreUnavailable, error.Code);
            Assert.Contains(path, error.Message, StringComparison.Ordinal);
            Assert.Contains("Read-only file system", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(0, (await Command.RunAsync("mount", disk, ["-o", "remount,rw", disk])).ExitCode);
        using var opened = OnlineStore.Open(folder, Service, options);
        Assert.Equal(300, Count(opened));
        Check(opened, 300);
    }

    private static async Task OnDiskAsync(string method, StoreDurability durability)
    {
        if (!OperatingSystem.IsLinux() || (await Command.RunAsync("unshare", AppContext.BaseDirectory, ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"])).ExitCode != 0)
        {
            Assert.Skip("a disk of its own needs a user namespace that may mount one");
        }

        using var folder = new TemporaryFolder();
        var test = typeof(SmallDiskTests);
        var run = await Command.RunAsync("unshare", AppContext.BaseDirectory,
            ["-rm", "bash", "-c", $"mount -t tmpfs -o size=12m tmpfs '{folder.Path}' && exec dotnet '{test.Assembly.Location}' -method '{test.FullName}.{method}' -explicit on -noColor -noAutoReporters"],
            (DiskVariable, folder.Path), (DurabilityVariable, durability.ToString()), ("DOTNET_EnableWriteXorExecute", "0"));
        TestContext.Current.TestOutputHelper?.WriteLine(run.Output);
        OtherProcess.HasPassed(run);
    }

    private static (string Disk, OnlineStoreOptions Options) Given() =>
        (Environment.GetEnvironmentVariable(DiskVariable)!, Small with { Durability = Enum.Parse<StoreDurability>(Environment.GetEnvironmentVariable(DurabilityVariable)!) });

    // A new entity each time, so that the log grows.
    private static void Write(OnlineStore store, int i)
    {
        var row = new float[64];
        Array.Fill(row, i);
        store.Put(Rows, EntityKey.Of(i), Start, row);
        store.Push(Readings, Start, 0L, 1L);
    }

    private static async Task SaveAsync(OnlineStore store, bool checkpoint)
    {
        if (checkpoint || store.JournalBytes == 0)
        {
            await store.CheckpointAsync();
        }
        else
        {
            await store.CommitAsync();
        }
    }

    private static void Close(OnlineStore store)
    {
        try
        {
            store.Dispose();
        }
        catch (MlpException e) when (e.Code is FeatureErrors.StoreUnavailable or FeatureErrors.StoreFaulted)
        {
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $">closing: {e.Message}"));
        }
    }

    private static int Count(OnlineStore store)
    {
        using var reader = store.CreateReader(Service);
        var row = new float[Service.RowLength];
        reader.Read([EntityKey.Of(0)], Start.AddHours(20), row);
        return (int)row[0];
    }

    // A push comes behind its row, so as many rows are there as pushes were counted.
    private static void Check(OnlineStore store, int found)
    {
        using var reader = store.CreateReader(Service);
        var row = new float[Service.RowLength];
        for (var i = 0; i < found; i++)
        {
            reader.Read([EntityKey.Of(i)], Start.AddHours(20), row);
            Assert.Equal(Enumerable.Repeat((float)i, 64), row[1..]);
        }
    }
}
