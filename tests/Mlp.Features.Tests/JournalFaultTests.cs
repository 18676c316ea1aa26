using System.Globalization;
using Mlp.Core;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

/// <summary>A disk that is full, or that cannot be written: no acknowledged write is lost, and the error says what to do.</summary>
public class JournalFaultTests
{
    private const string FolderVariable = "MLP_TEST_FULL_FOLDER";
    private static readonly EventSource Readings = new("readings", "at", Column.Integer("sensor"), Column.Integer("value"));
    private static readonly Entity Sensor = new("sensor", "sensor");
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly LatestView Latest = new("latest", Sensor, Readings, ["value"]);
    private static readonly FeatureService Service = new("s", "1", new WindowedView("counts", Sensor, Readings, TimeSpan.FromMinutes(10), TimeSpan.Zero, Aggregate.Count(TimeSpan.FromHours(24))), Latest);

    private static readonly OnlineStoreOptions Small = new()
    {
        MemoryBytes = 1 << 16, PageBytes = 1 << 13, SegmentBytes = 1 << 14, IndexBytes = 1 << 12, LogBytesMax = 1 << 20,
        Durability = StoreDurability.Journal, JournalPageBytes = 1 << 12, JournalBytesMax = 1 << 22,
    };

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(40)]
    public async Task A_disk_that_becomes_full_ends_the_acknowledgements_and_loses_none(int writes)
    {
        using var folder = new TemporaryFolder();
        int acknowledged = 0, pushed = 0;
        using (var store = OnlineStore.Open(folder.At("a"), Service, Small with { JournalDevice = files => new FailingDevice(files, writes) }))
        {
            MlpException? error = null;
            while (error is null)
            {
                try
                {
                    for (var i = 0; i < 30; i++)
                    {
                        store.Push(Readings, Start, 1L, 1L);
                        pushed++;
                    }

                    await store.CommitAsync();
                    acknowledged = pushed;
                }
                catch (MlpException e)
                {
                    error = e;
                }
            }

            Assert.Equal(FeatureErrors.StoreUnavailable, error.Code);
            Assert.Contains("the disk is full", error.Message, StringComparison.Ordinal);
            Assert.Contains("What was acknowledged is safe", error.Message, StringComparison.Ordinal);

            // Nothing more goes in; what is there is read.
            Assert.Equal(FeatureErrors.StoreUnavailable, Assert.Throws<MlpException>(() => store.Push(Readings, Start, 1L, 1L)).Code);
            Assert.Equal(FeatureErrors.StoreUnavailable, Assert.Throws<MlpException>(() => store.Delete(Latest, EntityKey.Of(1), Start)).Code);
            Assert.Equal(FeatureErrors.StoreUnavailable, (await Assert.ThrowsAsync<MlpException>(() => store.CommitAsync())).Code);
            Assert.Equal(pushed, Count(store));
            FolderCopy.Of(folder.At("a"), folder.At("killed"));

            // A checkpoint does without the journal.
            await store.CheckpointAsync();
        }

        using (var killed = OnlineStore.Open(folder.At("killed"), Service, Small))
        {
            Assert.InRange(Count(killed), acknowledged, pushed);
            killed.Push(Readings, Start, 1L, 1L);
            await killed.CommitAsync();
        }

        using var opened = OnlineStore.Open(folder.At("a"), Service, Small);
        Assert.Equal(pushed, Count(opened));
        opened.Push(Readings, Start, 1L, 1L);
        await opened.CommitAsync();
    }

    [Fact]
    public async Task A_file_that_may_not_grow_is_as_a_full_disk()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("file sizes are limited by the shell's ulimit");
        }

        using var folder = new TemporaryFolder();

        // 48 kB a file; what is written past it fails, and does not end the process.
        var test = typeof(JournalFaultTests);
        var run = await Command.RunAsync("bash", AppContext.BaseDirectory, ["-c", $"trap '' XFSZ; ulimit -f 48; exec dotnet '{test.Assembly.Location}' -method '{test.FullName}.{nameof(Writes_until_its_files_may_not_grow)}' -explicit on -noColor -noAutoReporters"], (FolderVariable, folder.Path), ("DOTNET_EnableWriteXorExecute", "0"));
        OtherProcess.HasPassed(run);
        var acknowledged = int.Parse(run.Output.Split('\n').Last(l => l.StartsWith('>'))[1..], CultureInfo.InvariantCulture);
        Assert.True(acknowledged > 0);
        using var opened = OnlineStore.Open(folder.Path, Service, Small);
        Assert.True(Count(opened) >= acknowledged);
        opened.Push(Readings, Start, 1L, 1L);
        await opened.CommitAsync();
    }

    [Fact(Explicit = true)]
    public async Task Writes_until_its_files_may_not_grow()
    {
        var store = OnlineStore.Open(Environment.GetEnvironmentVariable(FolderVariable)!, Service, Small);
        var pushed = 0;
        MlpException? error = null;
        while (error is null)
        {
            try
            {
                for (var i = 0; i < 30; i++, pushed++)
                {
                    store.Push(Readings, Start, 1L, 1L);
                }

                await store.CommitAsync();
                Console.Out.WriteLine(FormattableString.Invariant($">{pushed}"));
            }
            catch (MlpException e)
            {
                error = e;
            }
        }

        Assert.Equal(FeatureErrors.StoreUnavailable, error.Code);
        Assert.Contains("What was acknowledged is safe", error.Message, StringComparison.Ordinal);
        Assert.Equal(pushed, Count(store));
        store.Dispose();
    }

    private static int Count(OnlineStore store)
    {
        using var reader = store.CreateReader(Service);
        var row = new float[2];
        reader.Read([EntityKey.Of(1)], Start.AddHours(20), row);
        return (int)row[0];
    }
}
