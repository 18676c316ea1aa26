using FlightDelay.Live;
using FlightDelay.Pipeline;
using Mlp.EndToEnd.Tests.Scenarios;

namespace Mlp.EndToEnd.Tests;

/// <summary>When an online store is used again, and when it is not.</summary>
public sealed class OnlineStepTests(SomeFlights flights) : IClassFixture<SomeFlights>
{
    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(1, 0, false)]
    [InlineData(0, 1, false)]
    public async Task A_store_whose_rows_differ_from_the_offline_ones_is_not_used_again(int differences, long wrong, bool reused)
    {
        await using var p = await TrainingPlayground.StartAsync();
        Assert.False(await RunAsync(p, step => Assert.Equal(reused, Record.Exception(() => step.RequireSame(Live(differences), new ThroughputResult(8, 1000, wrong))) is null)));
        Assert.Equal(reused, await RunAsync(p, _ => { }));
    }

    private async Task<bool> RunAsync(TrainingPlayground p, Action<OnlineStep> judge)
    {
        var step = new OnlineStep(p.Workspace, flights.History);
        using var store = await step.RunAsync(new Progress<double>(), TestContext.Current.CancellationToken);
        judge(step);
        return step.IsReused;
    }

    private static LiveResult Live(int differences) => new()
    {
        Predictions = 10,
        Events = 10,
        Differences = differences,
        LatencyMicros = [1],
        Profile = TrafficProfile.NewBuilder().Build(),
    };
}
