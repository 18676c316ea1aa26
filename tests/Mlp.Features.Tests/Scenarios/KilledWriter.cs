using System.Diagnostics;
using System.Globalization;
using Mlp.Core;

namespace Mlp.Features.Tests.Scenarios;

/// <summary>
/// A process that pushes, puts and deletes with a journal, prints what was acknowledged, and is killed; and what has to be found then. Pushes come from one thread, rows from two writers of their own
/// entities, sales and their retractions from a fourth; each goes on where the last process ended. So what is found has to be a beginning of each thread's writes, with all that was acknowledged.
/// </summary>
internal sealed class KilledWriter
{
    public const string FolderVariable = "MLP_TEST_KILLED_FOLDER";
    public const string SeedVariable = "MLP_TEST_KILLED_SEED";

    private const int Writers = 2;
    private const int Threads = 1 + Writers + 1;
    private const int Entities = 5;
    private const int Sensors = 7;
    private const int RowWidth = 4;

    private static readonly EventSource Readings = new("readings", "at", Column.Integer("sensor"), Column.Integer("value"));
    private static readonly EventSource Profiles = new("profiles", "at", Column.Integer("entity"), Column.Number("a"), Column.Number("b"), Column.Number("c"), Column.Number("d"));
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly WindowedView Sums = new("sums", new Entity("sensor", "sensor"), Readings, TimeSpan.FromMinutes(10), TimeSpan.Zero, Aggregate.Count(TimeSpan.FromHours(24)), Aggregate.Sum("value", TimeSpan.FromHours(24)));
    private static readonly LatestView Rows = new("rows", new Entity("entity", "entity"), Profiles, ["a", "b", "c", "d"]);
    private static readonly KilledSales Sales = new();
    private static readonly FeatureService SumService = new("sums", "1", Sums);
    private static readonly FeatureService RowService = new("rows", "1", Rows);

    private static readonly OnlineStoreOptions Options = new()
    {
        MemoryBytes = 1 << 16, PageBytes = 1 << 13, SegmentBytes = 1 << 14, IndexBytes = 1 << 12, LogBytesMax = 1 << 22,
        Durability = StoreDurability.Journal, JournalPageBytes = 1 << 13, JournalBytesMax = 1 << 18,
    };

    private readonly long[] _done = new long[Threads];

    /// <summary>How many writes each thread has done: that of pushes, those of rows, that of sales.</summary>
    public IReadOnlyList<long> Done => _done;

    /// <summary>What the process does, until it is killed.</summary>
    public static async Task RunAsync()
    {
        var folder = Environment.GetEnvironmentVariable(FolderVariable)!;
        var seed = int.Parse(Environment.GetEnvironmentVariable(SeedVariable)!, CultureInfo.InvariantCulture);
        var writer = new KilledWriter();
        Print("opening");
        using var store = OnlineStore.Open(folder, Options, [Sums, Rows, .. Sales.Views]);
        writer.Find(store);
        var threads = Enumerable.Range(0, Writers).Select(w => Task.Run(() => writer.WriteAsync(store, w, new Random(seed + 1 + w)))).ToList();
        threads.Add(Task.Run(() => writer.PushAsync(store, new Random(seed))));
        threads.Add(Task.Run(() => writer.SellAsync(store, new Random(seed + 1 + Writers))));
        threads.Add(Task.Run(async () =>
        {
            var random = new Random(seed - 1);
            while (true)
            {
                await store.CheckpointAsync();
                Print("checkpoint");
                for (var i = random.Next(20); i > 0; i--)
                {
                    await store.CommitAsync();
                }
            }
        }));
        await await Task.WhenAny(threads);
    }

    /// <summary>Starts such a process and kills it after so many of its lines.</summary>
    /// <returns>What it had acknowledged: of each thread the last number.</returns>
    public static async Task<long[]> KillAsync(string folder, int seed, int lines)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(KilledWriter).Assembly.Location, "-method", $"{typeof(KillTests).FullName}.{nameof(KillTests.A_process_that_writes_until_it_is_killed)}", "-explicit", "on", "-noColor", "-noAutoReporters"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[FolderVariable] = folder;
        start.Environment[SeedVariable] = seed.ToString(CultureInfo.InvariantCulture);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var acknowledged = new long[Threads];
        var seen = 0;
        var isKilled = false;
        var output = new List<string>();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            output.Add(line);
            if (!line.StartsWith('>'))
            {
                continue;
            }

            // Those that were under way to here when it was killed were printed behind an acknowledgement as well.
            if (line[1..].Split(' ') is [var thread, var number] && int.TryParse(thread, out var index))
            {
                acknowledged[index] = Math.Max(acknowledged[index], long.Parse(number, CultureInfo.InvariantCulture));
            }

            if (++seen > lines && !isKilled)
            {
                isKilled = true;
                process.Kill();
            }
        }

        await process.WaitForExitAsync();
        Assert.True(isKilled, $"it ended of its own:\n{string.Join('\n', output)}\n{await errors}");
        return acknowledged;
    }

    /// <summary>Opens the folder and finds how much of each thread's writes is there: a beginning of them, each once and whole.</summary>
    public void Recover(string folder)
    {
        using var store = OnlineStore.Open(folder, Options, [Sums, Rows, .. Sales.Views]);
        Find(store);
    }

    private void Find(OnlineStore store)
    {
        _done[0] = FindPushes(store);
        for (var w = 0; w < Writers; w++)
        {
            _done[1 + w] = FindRows(store, w);
        }

        _done[1 + Writers] = Sales.Find(store);
    }

    private static long FindPushes(OnlineStore store)
    {
        using var reader = store.CreateReader(SumService);
        var found = new (float Count, float Sum)[Sensors];
        var row = new float[2];
        for (var s = 0; s < Sensors; s++)
        {
            reader.Read([EntityKey.Of(s)], Start.AddHours(20), row);
            found[s] = (row[0], row[1]);
        }

        var pushes = (long)found.Sum(f => f.Count);
        var expected = new (float Count, float Sum)[Sensors];
        for (long i = 0; i < pushes; i++)
        {
            expected[i % Sensors].Count++;
            expected[i % Sensors].Sum += ValueOf(i);
        }

        Assert.Equal(expected, found);
        return pushes;
    }

    // Small, so that a float's sum is exact.
    private static long ValueOf(long push) => push % 13;

    private static bool IsDeletion(long write) => write % 10 == 9;

    private static long EntityOf(int writer, long write) => (writer * Entities) + (write % Entities);

    private static long FindRows(OnlineStore store, int writer)
    {
        using var reader = store.CreateReader(RowService);
        var found = new float[Entities];
        var row = new float[RowWidth];
        for (var e = 0; e < Entities; e++)
        {
            reader.Read([EntityKey.Of((writer * Entities) + e)], Start.AddHours(20), row);
            Assert.All(row, value => Assert.Equal(row[0], value));
            found[e] = row[0];
        }

        // The newest row says how far it came; a deletion may have come behind it.
        var newest = found.Where(f => !float.IsNaN(f)).DefaultIfEmpty(-1).Max();
        for (var writes = (long)newest + 1; writes <= (long)newest + 2; writes++)
        {
            if (Expected(writes).SequenceEqual(found))
            {
                return writes;
            }
        }

        Assert.Fail($"The rows of the writer {writer} are those of no beginning: {string.Join(' ', found)}");
        return 0;
    }

    private static float[] Expected(long writes)
    {
        var rows = Enumerable.Repeat(float.NaN, Entities).ToArray();
        for (var i = Math.Max(0, writes - (10 * Entities)); i < writes; i++)
        {
            rows[i % Entities] = IsDeletion(i) ? float.NaN : i;
        }

        return rows;
    }

    // A journal that is full asks for a checkpoint.
    private static async ValueTask WithRoomAsync(OnlineStore store, Action write)
    {
        while (true)
        {
            try
            {
                write();
                return;
            }
            catch (MlpException e) when (e.Code == ErrorCodes.LimitReached)
            {
                await store.CheckpointAsync();
            }
        }
    }

    private static void Print(string line)
    {
        lock (Readings)
        {
            Console.Out.WriteLine($">{line}");
            Console.Out.Flush();
        }
    }

    private async Task PushAsync(OnlineStore store, Random random)
    {
        for (var i = _done[0]; ;)
        {
            for (var together = random.Next(1, 40); together > 0; together--, i++)
            {
                var push = i;
                await WithRoomAsync(store, () => store.Push(Readings, Start.AddMilliseconds(push), push % Sensors, ValueOf(push)));
            }

            await store.CommitAsync();
            Print(FormattableString.Invariant($"0 {i}"));
        }
    }

    private async Task WriteAsync(OnlineStore store, int w, Random random)
    {
        var writer = store.CreateWriter();
        for (var i = _done[1 + w]; ;)
        {
            for (var together = random.Next(1, 40); together > 0; together--, i++)
            {
                var write = i;
                var key = EntityKey.Of(EntityOf(w, i));
                await WithRoomAsync(store, () =>
                {
                    if (IsDeletion(write))
                    {
                        store.Delete(Rows, key, Start.AddMilliseconds(write));
                    }
                    else
                    {
                        writer.Put(Rows, key, Start.AddMilliseconds(write), [write, write, write, write]);
                    }
                });
            }

            await store.CommitAsync();
            Print(FormattableString.Invariant($"{1 + w} {i}"));
        }
    }

    private async Task SellAsync(OnlineStore store, Random random)
    {
        for (var i = _done[1 + Writers]; ;)
        {
            for (var together = random.Next(1, 40); together > 0; together--, i++)
            {
                var sale = i;
                await WithRoomAsync(store, () => Sales.Write(store, sale));
            }

            await store.CommitAsync();
            Print(FormattableString.Invariant($"{1 + Writers} {i}"));
        }
    }
}
