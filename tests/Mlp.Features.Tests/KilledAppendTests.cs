using System.Diagnostics;
using System.Globalization;
using Mlp.Core;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

/// <summary>A process that appends and replaces batches is killed at any moment, again and again.</summary>
public class KilledAppendTests
{
    private const string FolderVariable = "MLP_TEST_APPENDER_FOLDER";
    private const string SeedVariable = "MLP_TEST_SEED";
    private const int Kills = 8;
    private const int Names = 6;

    private static readonly EventSource Ticks = new("ticks", "known_at", Column.Integer("batch"), Column.Integer("version"), Column.Integer("number"));

    [Fact]
    public async Task After_each_kill_every_acknowledged_batch_is_there_whole_and_nothing_else()
    {
        var seed = int.Parse(Environment.GetEnvironmentVariable(SeedVariable) ?? "23", CultureInfo.InvariantCulture);
        var random = new Random(seed);
        using var folder = new TemporaryFolder();
        var acknowledged = new Dictionary<long, long>();
        for (var kill = 0; kill < Kills; kill++)
        {
            foreach (var (batch, version) in await KillAsync(folder.Path, kill, random.Next(1, 25), TimeSpan.FromMicroseconds(random.Next(30_000))))
            {
                acknowledged[batch] = Math.Max(version, acknowledged.GetValueOrDefault(batch));
            }

            var offline = OfflineStore.Open(folder.Path);
            Assert.Empty(Directory.EnumerateFileSystemEntries(folder.At("spill")));
            var rows = offline.Replay(Ticks, DateTime.MinValue, DateTime.MaxValue)
                .SelectMany(b => Enumerable.Range(0, b.Count).Select(i => (Batch: b.Integers("batch")[i], Version: b.Integers("version")[i], Number: b.Integers("number")[i]))).ToArray();
            Assert.Equal(rows.Length, offline.RowsOf(Ticks));
            foreach (var batch in rows.GroupBy(r => r.Batch))
            {
                // One version of it, all three months of that, and none that is older than what was acknowledged.
                var version = Assert.Single(batch.Select(r => r.Version).Distinct());
                Assert.Equal(Enumerable.Range(0, RowsOf(version)).Select(i => (long)i), batch.Select(r => r.Number).Order());
                Assert.True(version >= acknowledged.GetValueOrDefault(batch.Key), $"seed {seed}, kill {kill}: batch {batch.Key} has version {version}, {acknowledged[batch.Key]} was acknowledged");
            }

            Assert.Superset(acknowledged.Keys.ToHashSet(), rows.Select(r => r.Batch).ToHashSet());

            // The same batches in a store that was never killed have the same digest, and files that are not listed are gone.
            var other = OfflineStore.Open($"{folder.Path}-other{kill}");
            try
            {
                foreach (var batch in rows.GroupBy(r => r.Batch).OrderByDescending(b => b.Key))
                {
                    other.Append(Ticks, $"b{batch.Key}", Query(batch.Key, batch.First().Version));
                }

                Assert.Equal(other.DigestOf(Ticks), offline.DigestOf(Ticks));
                Assert.Equal(Files($"{folder.Path}-other{kill}"), Files(folder.Path));
            }
            finally
            {
                Directory.Delete($"{folder.Path}-other{kill}", recursive: true);
            }
        }

        Assert.NotEmpty(acknowledged);
    }

    [Fact(Explicit = true)]
    public void A_process_that_appends_until_it_is_killed()
    {
        var offline = OfflineStore.Open(Environment.GetEnvironmentVariable(FolderVariable)!);
        var first = 10_000 * (1 + long.Parse(Environment.GetEnvironmentVariable(SeedVariable)!, CultureInfo.InvariantCulture));
        for (var version = first; ; version++)
        {
            offline.Append(Ticks, $"b{version % Names}", Query(version % Names, version));
            Console.Out.WriteLine($">{version % Names} {version}");
            Console.Out.Flush();
        }
    }

    private static int Files(string folder) => Directory.GetFiles(Path.Combine(folder, Ticks.Name), "*.parquet", SearchOption.AllDirectories).Length;

    private static int RowsOf(long version) => (int)(50 + (version % 7));

    // Of three months, so that a batch has several files.
    private static OfflineQuery Query(long batch, long version) =>
        OfflineQuery.Sql($"SELECT TIMESTAMP '2001-01-01' + to_days(CAST(i AS INT)) AS known_at, {batch} AS batch, {version} AS version, i AS number FROM range({RowsOf(version)}) t(i)");

    private static async Task<List<(long Batch, long Version)>> KillAsync(string folder, int round, int lines, TimeSpan after)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(KilledAppendTests).Assembly.Location, "-method", $"{typeof(KilledAppendTests).FullName}.{nameof(A_process_that_appends_until_it_is_killed)}", "-explicit", "on", "-noColor", "-noAutoReporters"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[FolderVariable] = folder;
        start.Environment[SeedVariable] = round.ToString(CultureInfo.InvariantCulture);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var acknowledged = new List<(long, long)>();
        var isKilled = false;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (!line.StartsWith('>'))
            {
                continue;
            }

            var numbers = line[1..].Split(' ');
            acknowledged.Add((long.Parse(numbers[0], CultureInfo.InvariantCulture), long.Parse(numbers[1], CultureInfo.InvariantCulture)));
            if (acknowledged.Count > lines && !isKilled)
            {
                // Somewhere in the append after it.
                isKilled = true;
                SpinWait.SpinUntil(() => false, after);
                process.Kill();
            }
        }

        await process.WaitForExitAsync();
        Assert.True(isKilled, await errors);
        return acknowledged;
    }
}
