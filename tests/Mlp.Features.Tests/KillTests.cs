using System.Globalization;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

/// <summary>A process that acknowledges writes is killed at any moment, again and again.</summary>
public class KillTests
{
    // How often, and with what numbers: 200 for a thorough run.
    private const string KillsVariable = "MLP_TEST_KILLS";
    private const int FewKills = 20;

    [Fact]
    public async Task After_each_kill_every_acknowledged_write_is_there_and_none_is_half_there()
    {
        var kills = int.Parse(Environment.GetEnvironmentVariable(KillsVariable) ?? FewKills.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        var seed = int.Parse(Environment.GetEnvironmentVariable(KilledWriter.SeedVariable) ?? "17", CultureInfo.InvariantCulture);
        var random = new Random(seed);
        using var folder = new TemporaryFolder();
        var found = new KilledWriter();
        var before = new long[found.Done.Count];
        for (var kill = 0; kill < kills; kill++)
        {
            // Often while it opens the store, which is when it recovers.
            var lines = random.Next(4) == 0 ? 0 : random.Next(1, 120);
            var acknowledged = await KilledWriter.KillAsync(folder.Path, seed + (kill * 10), lines);
            found.Recover(folder.Path);
            for (var thread = 0; thread < before.Length; thread++)
            {
                Assert.True(
                    found.Done[thread] >= Math.Max(before[thread], acknowledged[thread]),
                    $"seed {seed}, kill {kill} after {lines} lines: of the thread {thread} {found.Done[thread]} writes are there; {acknowledged[thread]} were acknowledged, {before[thread]} were there before");
                before[thread] = found.Done[thread];
            }
        }

        Assert.All(before, writes => Assert.True(writes > 0));
        TestContext.Current.TestOutputHelper?.WriteLine($"{kills} kills; {string.Join(", ", before)} writes");
    }

    [Fact(Explicit = true)]
    public Task A_process_that_writes_until_it_is_killed() => KilledWriter.RunAsync();
}
