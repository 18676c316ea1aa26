using Mlp.Core;

namespace Mlp.Features.Tests;

/// <summary>A scan gives every entity once, whatever is written meanwhile.</summary>
public class ScanTests
{
    private const int Sensors = 3000;
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly EventSource Readings = new("readings", "at", Column.Integer("sensor"), Column.Integer("value"));
    private static readonly Entity Sensor = new("sensor", "sensor");
    private static readonly LatestView Latest = new("latest", Sensor, Readings, ["value"]);
    private static readonly LatestView Other = new("other", Sensor, Readings, ["value"], TimeSpan.FromDays(400));
    private static readonly OnlineStoreOptions Small = new() { MemoryBytes = 1 << 16, PageBytes = 1 << 12, SegmentBytes = 1 << 13, IndexBytes = 1 << 12, LogBytesMax = 1 << 20, ReadersMax = 3 };

    [Fact]
    public void Entities_that_are_written_while_it_goes_on_come_once_and_those_that_are_new_do_not()
    {
        using var folder = new TemporaryFolder();
        using var store = OnlineStore.Open(folder.Path, Small with { LogBytesMax = 1 << 24 }, Latest, Other);
        for (var s = 0; s < Sensors; s++)
        {
            // Two versions of some in the log, of which the older lies on disk.
            store.Push(Readings, Start, (long)s, (long)s);
        }

        for (var s = 0; s < Sensors; s += 3)
        {
            store.Push(Readings, Start.AddMinutes(1), (long)s, (long)s);
        }

        var random = new Random(1);
        var seen = new Dictionary<EntityKey, long>();
        foreach (var row in store.Scan(Latest, Start.AddDays(1)))
        {
            Assert.True(seen.TryAdd(row.Key, row.Values()[0].Integer));

            // All over the log, in front of the scan and behind it: they move to its end.
            store.Push(Readings, Start.AddHours(1), (long)random.Next(Sensors), 1_000_000L + seen.Count);
            store.Push(Readings, Start.AddHours(1), (long)Sensors + seen.Count, 1L);
        }

        Assert.Equal(Sensors, seen.Count);
        for (var s = 0; s < Sensors; s++)
        {
            Assert.True(seen[EntityKey.Of(s)] == s || seen[EntityKey.Of(s)] > 1_000_000);
        }
    }

    [Fact]
    public async Task The_log_is_not_compacted_under_a_scan_and_is_again_once_it_has_ended()
    {
        using var folder = new TemporaryFolder();
        using var store = OnlineStore.Open(folder.Path, Small, Latest);
        for (var round = 0; round < 3; round++)
        {
            for (var s = 0; s < Sensors; s++)
            {
                store.Push(Readings, Start.AddMinutes(round), (long)s, (long)s);
            }
        }

        var before = store.LogBytes;
        using (var rows = store.Scan(Latest, Start.AddDays(1)).GetEnumerator())
        {
            Assert.True(rows.MoveNext());
            await store.CompactAsync();
            Assert.InRange(store.LogBytes, before, long.MaxValue);
            var count = 1;
            while (rows.MoveNext())
            {
                count++;
            }

            Assert.Equal(Sensors, count);
        }

        await store.CompactAsync();
        Assert.True(store.LogBytes < before / 2, $"{store.LogBytes} of {before}");
    }

    [Fact]
    public void A_scan_can_be_cancelled_counts_as_a_reader_and_ends_with_the_store()
    {
        using var folder = new TemporaryFolder();
        var store = OnlineStore.Open(folder.Path, Small, Latest);
        for (var s = 0; s < 500; s++)
        {
            store.Push(Readings, Start, (long)s, (long)s);
        }

        using var cancelled = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (var _ in store.Scan(Latest, Start.AddDays(1), cancelled.Token))
            {
                cancelled.Cancel();
            }
        });
        var scans = Enumerable.Range(0, 4).Select(_ => store.Scan(Latest, Start.AddDays(1)).GetEnumerator()).ToArray();
        foreach (var scan in scans[..3])
        {
            Assert.True(scan.MoveNext());
        }

        Assert.Equal(ErrorCodes.LimitReached, Assert.Throws<MlpException>(() => scans[3].MoveNext()).Code);
        scans[0].Dispose();
        store.Dispose();
        Assert.Throws<ObjectDisposedException>(() =>
        {
            while (scans[1].MoveNext())
            {
                // The rows that it has already come first.
            }
        });
        scans[2].Dispose();
        Assert.Throws<ObjectDisposedException>(() => store.Scan(Latest, Start.AddDays(1)).Any());
    }
}
