namespace Mlp.Features.Tests;

/// <summary>Reads that wait for the disk without a thread.</summary>
public class AsyncReadTests
{
    private const int Sensors = 4000;
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly EventSource Readings = new("readings", "at", Column.Integer("sensor"), Column.Integer("value"));
    private static readonly Entity Sensor = new("sensor", "sensor");
    private static readonly LatestView Latest = new("latest", Sensor, Readings, ["value"]);
    private static readonly WindowedView Hourly = new("hourly", Sensor, Readings, TimeSpan.FromMinutes(1), TimeSpan.Zero, Aggregate.Count(TimeSpan.FromHours(1)), Aggregate.Mean("value", TimeSpan.FromHours(1)));
    private static readonly OnDemandView Hour = new("hour", "1", ["hour"], (time, features) => features[0] = time.Hour);
    private static readonly FeatureService Service = new("s", "1", Latest, Hour, Hourly);
    private static readonly OnlineStoreOptions Small = new() { MemoryBytes = 1 << 16, PageBytes = 1 << 13, SegmentBytes = 1 << 14, IndexBytes = 1 << 12, LogBytesMax = 1 << 21 };

    [Fact]
    public async Task Many_rows_from_memory_and_from_disk_are_the_same_as_those_that_were_waited_for()
    {
        using var folder = new TemporaryFolder();
        using var store = Filled(folder);
        Assert.True(store.LogBytes > 10 * Small.MemoryBytes);
        using var reader = store.CreateReader(Service);
        using var other = store.CreateReader(Service);
        var random = new Random(3);
        var (rows, expected) = (new float[100 * Service.RowLength], new float[100 * Service.RowLength]);
        for (var round = 0; round < 30; round++)
        {
            // Some are known to no one.
            var keys = Enumerable.Range(0, 100).Select(_ => EntityKey.Of(random.Next(Sensors + 100))).ToArray();
            var time = Start.AddMinutes(random.Next(120));
            var status = await reader.ReadManyAsync(keys, time, rows, TestContext.Current.CancellationToken);
            var row = new float[Service.RowLength];
            var worst = FeatureReadStatus.Complete;
            for (var i = 0; i < keys.Length; i++)
            {
                var one = other.Read(keys.AsSpan(i, 1), time, expected.AsSpan(i * Service.RowLength, Service.RowLength));
                worst = one > worst ? one : worst;
            }

            Assert.Equal(worst, status);
            Assert.Equal(expected, rows);

            // With a thread that waits: once for the first that lies on disk, and once for all others.
            var waits = other.DiskWaits;
            Array.Clear(rows);
            Assert.Equal(worst, other.ReadMany(keys, time, rows));
            Assert.Equal(expected, rows);
            Assert.InRange(other.DiskWaits - waits, 1, Service.Views.Length + 1);
            await reader.ReadAsync(keys.AsMemory(0, 1), time, row, TestContext.Current.CancellationToken);
            Assert.Equal(expected[..Service.RowLength], row);
        }
    }

    [Fact]
    public async Task What_is_in_memory_completes_at_once_and_allocates_nothing()
    {
        using var folder = new TemporaryFolder();
        using var store = OnlineStore.Open(folder.Path, Service);
        for (var s = 0; s < 100; s++)
        {
            store.Push(Readings, Start, (long)s, (long)s);
        }

        using var reader = store.CreateReader(Service);
        var keys = Enumerable.Range(0, 100).Select(s => EntityKey.Of(s)).ToArray();
        var rows = new float[100 * Service.RowLength];
        var (least, isAtOnce, worst) = (long.MaxValue, true, FeatureReadStatus.Complete);
        for (var round = 0; round < 10 && least > 0; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++)
            {
                var read = reader.ReadManyAsync(keys, Start.AddMinutes(1), rows, CancellationToken.None);
                isAtOnce &= read.IsCompletedSuccessfully;
                worst |= await read;
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
        Assert.True(isAtOnce);
        Assert.Equal(FeatureReadStatus.Complete, worst);
        Assert.Equal(Enumerable.Range(0, 100).SelectMany(s => new[] { s, 0f, 1f, s }), rows);
    }

    [Fact]
    public async Task A_cancelled_read_leaves_the_callers_rows_alone_and_the_reader_as_good_as_before()
    {
        using var folder = new TemporaryFolder();
        using var store = Filled(folder);
        using var reader = store.CreateReader(Service);
        var keys = Enumerable.Range(0, 200).Select(s => EntityKey.Of(s)).ToArray();
        using (var cancelled = new CancellationTokenSource())
        {
            await cancelled.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reader.ReadManyAsync(keys, Start.AddMinutes(1), new float[200 * Service.RowLength], cancelled.Token));
        }

        for (var round = 0; round < 40; round++)
        {
            using var cancellation = new CancellationTokenSource();
            var rows = new float[200 * Service.RowLength];
            var read = reader.ReadManyAsync(keys, Start.AddMinutes(1), rows, cancellation.Token);
            await cancellation.CancelAsync();
            try
            {
                // The disk may have been faster.
                Assert.Equal(FeatureReadStatus.Complete, await read);
                CheckRows(rows, 200);
            }
            catch (OperationCanceledException)
            {
                Assert.All(rows, value => Assert.Equal(0, value));
            }

            Assert.Equal(FeatureReadStatus.Complete, reader.ReadMany(keys.AsSpan(0, 50), Start.AddMinutes(1), rows.AsSpan(0, 50 * Service.RowLength)));
            CheckRows(rows, 50);
        }
    }

    [Fact]
    public async Task A_pool_serves_many_callers_at_once_from_the_disk_while_the_log_is_compacted()
    {
        using var folder = new TemporaryFolder();
        using var store = Filled(folder);
        using var pool = store.CreateReaderPool(Service);
        var reads = Enumerable.Range(0, 16).Select(n => Task.Run(async () =>
        {
            var random = new Random(n);
            for (var i = 0; i < 20; i++)
            {
                var first = random.Next(Sensors - 20);
                var keys = Enumerable.Range(first, 20).Select(s => EntityKey.Of(s)).ToArray();
                var rows = new float[20 * Service.RowLength];
                Assert.Equal(FeatureReadStatus.Complete, await pool.ReadManyAsync(keys, Start.AddMinutes(1), rows));
                Assert.Equal(Enumerable.Range(first, 20).SelectMany(s => new[] { s, 0f, 1f, s }), rows);
            }
        })).ToArray();
        for (var i = 0; i < 3; i++)
        {
            await store.CompactAsync(TestContext.Current.CancellationToken);
        }

        await Task.WhenAll(reads);
    }

    [Fact]
    public async Task A_second_read_of_a_reader_that_waits_is_refused()
    {
        using var folder = new TemporaryFolder();
        using var store = Filled(folder);
        using var reader = store.CreateReader(Service);
        var keys = Enumerable.Range(0, 200).Select(s => EntityKey.Of(s)).ToArray();
        var rows = new float[200 * Service.RowLength];
        using (reader.ReadTogether())
        {
            Assert.Throws<InvalidOperationException>(() => { _ = reader.ReadManyAsync(keys, Start.AddMinutes(1), rows); });
        }

        Assert.Equal(FeatureReadStatus.Complete, await reader.ReadManyAsync(keys, Start.AddMinutes(1), rows, TestContext.Current.CancellationToken));
        CheckRows(rows, 200);
    }

    private static OnlineStore Filled(TemporaryFolder folder)
    {
        var store = OnlineStore.Open(folder.Path, Service, Small);
        for (var s = 0; s < Sensors; s++)
        {
            store.Push(Readings, Start, (long)s, (long)s);
        }

        return store;
    }

    private static void CheckRows(float[] rows, int count) => Assert.Equal(Enumerable.Range(0, count).SelectMany(s => new[] { s, 0f, 1f, s }), rows[..(count * Service.RowLength)]);
}
