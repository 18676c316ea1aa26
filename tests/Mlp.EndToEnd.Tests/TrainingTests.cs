using FlightDelay.Features;
using FlightDelay.Pipeline;
using FlightDelay.Training;
using Mlp.Core;
using Mlp.EndToEnd.Tests.Scenarios;
using Mlp.Monitoring;
using Mlp.Registry.Client;

namespace Mlp.EndToEnd.Tests;

/// <summary>The training step: what its result depends on, and how it ends.</summary>
public sealed class TrainingTests(SomeFlights flights) : IClassFixture<SomeFlights>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_trainings_of_the_same_flights_give_the_same_bytes_of_the_model_whatever_the_validation_days_say()
    {
        await using var first = await TrainingPlayground.StartAsync();
        await using var second = await TrainingPlayground.StartAsync();
        var (package, result) = await first.Training(flights).RunAsync(flights.Months, flights.HeldOut, Progress(), Cancel);
        var (again, _) = await second.Training(flights).RunAsync(WithoutTruthOnValidationDays(flights.Months), flights.HeldOut, Progress(), Cancel);

        Assert.Equal(await File.ReadAllBytesAsync(package.ModelPath, Cancel), await File.ReadAllBytesAsync(again.ModelPath, Cancel));
        Assert.Equal(ContentDigest.OfFile(package.ModelPath), result.ModelDigest);

        // The lineage states the run and the time, so the packages are two.
        Assert.NotEqual(package.Digest, again.Digest);
    }

    [Fact]
    public async Task The_reference_profile_is_of_the_validation_days_alone()
    {
        await using var p = await TrainingPlayground.StartAsync();
        var (package, result) = await p.Training(flights).RunAsync(flights.Months, flights.HeldOut, Progress(), Cancel);
        var days = flights.Months.Times.Where(t => t.DayOfYear % 8 == 0).ToList();
        Assert.InRange(days.Count, 1, flights.Months.Count / 4);
        Assert.Equal((days.Count, flights.Months.Count - days.Count), (result.ValidationRows, result.TrainingRows));

        var profile = DataProfileJson.Read(await File.ReadAllBytesAsync(package.FilePath(package.Manifest.ProfileFile!), Cancel));
        Assert.Equal(days.Count, profile.Rows);
        var hour = profile.Columns.Single(c => c.Name == "calendar.hour");
        Assert.Equal(days.Average(t => t.Hour + (t.Minute / 60.0)), hour.Mean, 3);
    }

    [Fact]
    public async Task A_training_that_is_stopped_ends_before_the_next_tree_and_its_run_is_killed()
    {
        await using var p = await TrainingPlayground.StartAsync();
        using var stop = new CancellationTokenSource();
        var last = 0.0;
        var training = p.Training(flights);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => training.RunAsync(flights.Months, flights.HeldOut, Progress(done =>
        {
            last = done;
            if (done >= 0.25)
            {
                stop.Cancel();
            }
        }), stop.Token));
        Assert.Equal(0.25, last);
        Assert.False(training.IsDone);
        Assert.Equal(RunStatus.Killed, (await p.RunAsync()).Status);
    }

    [Fact]
    public async Task A_join_that_is_stopped_gives_no_rows()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        Assert.ThrowsAny<OperationCanceledException>(() => flights.History.Rows(FlightHistory.TrainingBegin, FlightHistory.HeldOutBegin, stop.Token));
    }

    [Fact]
    public async Task What_a_training_failed_of_comes_out_and_its_run_has_failed()
    {
        await using var p = await TrainingPlayground.StartAsync();
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => p.Training(flights).RunAsync(flights.Months, flights.HeldOut, Progress(_ => throw new InvalidDataException("a bad tree")), Cancel));
        Assert.Equal("a bad tree", error.Message);
        Assert.Equal(RunStatus.Failed, (await p.RunAsync()).Status);
    }

    [Fact]
    public async Task What_a_training_failed_of_comes_out_even_where_the_registry_is_gone()
    {
        await using var p = await TrainingPlayground.StartAsync();
        await Assert.ThrowsAsync<InvalidDataException>(() => p.Training(flights).RunAsync(flights.Months, flights.HeldOut, Progress(_ =>
        {
            p.Server.DisposeAsync().AsTask().GetAwaiter().GetResult();
            throw new InvalidDataException("a bad tree");
        }), Cancel));
    }

    [Fact]
    public async Task Runs_that_a_killed_process_left_open_are_killed_in_the_registry_and_no_others()
    {
        await using var p = await TrainingPlayground.StartAsync();
        var over = await p.Registry.StartRunAsync(TrainingStep.ModelName, "over", Cancel);
        await over.FinishAsync(cancellationToken: Cancel);
        var open = await p.Registry.StartRunAsync(TrainingStep.ModelName, "open", Cancel);

        Assert.Equal(1, await OpenRuns.KillStaleAsync(p.Registry, Cancel));
        Assert.Equal(0, await OpenRuns.KillStaleAsync(p.Registry, Cancel));
        Assert.Equal(RunStatus.Killed, (await p.Registry.GetRunAsync(open.Id, Cancel)).Status);
        Assert.Equal(RunStatus.Finished, (await p.Registry.GetRunAsync(over.Id, Cancel)).Status);
    }

    private static LabelledRows WithoutTruthOnValidationDays(LabelledRows rows)
    {
        var other = new LabelledRows(FlightFeatures.Service.RowLength);
        for (var i = 0; i < rows.Count; i++)
        {
            other.Add(rows.Features[i], rows.Labels[i] ^ ValidationDays.Has(rows.Times[i]), rows.Times[i], rows.Origins[i], rows.Destinations[i]);
        }

        return other;
    }

    private static Reporting Progress(Action<double>? report = null) => new(report ?? (static _ => { }));

    private sealed class Reporting(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
