using Mlp.Core;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

/// <summary>Appends to one source take turns, in one process and in several.</summary>
public class AppendTurnTests
{
    private const string FolderVariable = "MLP_TEST_APPEND_FOLDER";
    private const int Batches = 8;

    [Fact]
    public async Task Appends_of_two_processes_and_two_threads_at_once_are_all_there()
    {
        using var folder = new TemporaryFolder();
        var other = OtherProcess.RunAsync(typeof(AppendTurnTests), nameof(An_appender_of_another_process), (FolderVariable, folder.Path));
        await Task.WhenAll(Task.Run(() => AppendAll(folder.Path, "a")), Task.Run(() => AppendAll(folder.Path, "b")));
        OtherProcess.HasPassed(await other);
        var offline = OfflineStore.Open(folder.Path);
        Assert.Equal(3 * Batches * 10, offline.RowsOf(Departures.Source));
        Assert.Equal(3 * Batches * 10, offline.Replay(Departures.Source, DateTime.MinValue, DateTime.MaxValue).Sum(b => b.Count));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.At("spill")));
    }

    [Fact(Explicit = true)]
    public void An_appender_of_another_process() => AppendAll(Environment.GetEnvironmentVariable(FolderVariable)!, "c");

    [Fact]
    public void An_append_that_has_waited_long_enough_says_for_whom_and_changes_nothing()
    {
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.Path, new OfflineStoreOptions { AppendWaitMax = TimeSpan.Zero });
        Directory.CreateDirectory(folder.At("departures"));
        using (StoreLock.Take(folder.At("departures")))
        {
            var error = Assert.Throws<MlpException>(() => offline.Append(Departures.Source, "all", Departures.EventQuery(Departures.Events(1, 10))));
            Assert.Equal(FeatureErrors.StoreInUse, error.Code);
            Assert.Contains("'departures'", error.Message, StringComparison.Ordinal);
            Assert.Contains(nameof(OfflineStoreOptions.AppendWaitMax), error.Message, StringComparison.Ordinal);
            Assert.Contains(Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);

            using var cancel = new CancellationTokenSource();
            cancel.Cancel();
            Assert.ThrowsAny<OperationCanceledException>(() => OfflineStore.Open(folder.Path).Append(Departures.Source, "all", Departures.EventQuery(Departures.Events(1, 10)), cancel.Token));
        }

        Assert.Equal(10, offline.Append(Departures.Source, "all", Departures.EventQuery(Departures.Events(1, 10))));
    }

    private static void AppendAll(string folder, string name)
    {
        var offline = OfflineStore.Open(folder);
        for (var i = 0; i < Batches; i++)
        {
            offline.Append(Departures.Source, $"{name}{i}", Departures.EventQuery(Departures.Events(i, 10)));
        }
    }
}
