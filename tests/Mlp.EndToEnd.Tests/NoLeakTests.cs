using FlightDelay.Features;
using FlightDelay.Pipeline;
using Mlp.EndToEnd.Tests.Scenarios;
using Mlp.Features;

namespace Mlp.EndToEnd.Tests;

/// <summary>The training set of the sample against its definition: every flight looked at, none known too soon.</summary>
public class NoLeakTests
{
    private const int RowsChecked = 400;

    [Fact]
    public void Features_of_a_few_hundred_flights_are_what_brute_force_gives()
    {
        using var folder = new TemporaryFolder();
        using var workspace = Workspace.Open(folder.Path, fresh: false);
        var history = FlightHistory.Open(workspace, Flights.File);
        var from = new DateTime(2001, 3, 10, 0, 0, 0, DateTimeKind.Utc);
        var rows = history.Rows(from, from.AddDays(3));
        Assert.Equal(Flights.All.Count(f => f.Date >= from && f.Date < from.AddDays(3)), rows.Count);

        var random = new Random(7);
        var byOrigin = Flights.All.ToLookup(f => f.Origin);
        for (var n = 0; n < RowsChecked; n++)
        {
            var i = random.Next(rows.Count);
            var expected = ByDefinition([.. byOrigin[rows.Origins[i]]], rows.Times[i], rows.Destinations[i]);
            for (var f = 0; f < expected.Length; f++)
            {
                Assert.True(Same(expected[f], rows.Features[i][f]), $"{rows.Origins[i]}-{rows.Destinations[i]} at {rows.Times[i]:O}: {FlightFeatures.Service.Features[f]} is {rows.Features[i][f]:R}, by definition {expected[f]:R}");
            }
        }
    }

    [Fact]
    public void What_happens_from_a_moment_on_changes_no_feature_before_it()
    {
        using var folder = new TemporaryFolder();
        var moment = new DateTime(2001, 2, 14, 12, 0, 0, DateTimeKind.Utc);
        var real = Join(folder.At("real"), "delay", moment);

        // The same world, but every departure that became known at the moment or later was 100 minutes worse; those before are as they were.
        var other = Join(folder.At("other"), $"CASE WHEN {FlightHistory.KnownAt} >= TIMESTAMP '{moment:yyyy-MM-dd HH:mm:ss}' THEN delay + 100 ELSE delay END", moment);
        Assert.True(real.Count > 1000);
        Assert.Equal(real.Count, other.Count);
        for (var i = 0; i < real.Count; i++)
        {
            for (var f = 0; f < real[i].Length; f++)
            {
                Assert.True(Same(real[i][f], other[i][f]), $"row {i}: {FlightFeatures.Service.Features[f]} saw the future");
            }
        }
    }

    [Theory]
    [InlineData(-15)]
    [InlineData(0)]
    [InlineData(90)]
    public void A_flights_own_delay_changes_no_feature_of_its_own(int ownDelay)
    {
        using var folder = new TemporaryFolder();
        var flight = Flights.All.First(f => f.Delay < -3 && f.Date > new DateTime(2001, 2, 14));
        var isFlight = FormattableString.Invariant($"(date = TIMESTAMP '{flight.Date:yyyy-MM-dd HH:mm:ss}' AND origin = '{flight.Origin}' AND destination = '{flight.Destination}')");
        var real = Join(folder.At("real"), "delay", flight.Date, isFlight);
        var other = Join(folder.At("other"), $"CASE WHEN {isFlight} THEN {ownDelay} ELSE delay END", flight.Date, isFlight);
        Assert.NotEmpty(real);
        Assert.Equal(real.Count, other.Count);
        for (var i = 0; i < real.Count; i++)
        {
            for (var f = 0; f < real[i].Length; f++)
            {
                Assert.True(Same(real[i][f], other[i][f]), $"{FlightFeatures.Service.Features[f]} is {real[i][f]} and, of a flight {ownDelay} minutes late, {other[i][f]}");
            }
        }
    }

    private static List<float[]> Join(string folder, string delay, DateTime until, string asked = "true")
    {
        var store = OfflineStore.Open(folder);
        store.Append(FlightFeatures.Departures, "flights", OfflineQuery.Parquet(Flights.File).With("delay", delay).With("known_at", FlightHistory.KnownAt.Replace("delay", $"({delay})", StringComparison.Ordinal)));
        var entities = new EntityRows(OfflineQuery.Parquet(Flights.File).Where($"date >= TIMESTAMP '{until.AddDays(-1):yyyy-MM-dd HH:mm:ss}' AND date <= TIMESTAMP '{until:yyyy-MM-dd HH:mm:ss}' AND {asked}"), "date");
        var rows = new List<float[]>();
        foreach (var batch in store.Join(FlightFeatures.Service, entities))
        {
            for (var i = 0; i < batch.Count; i++)
            {
                rows.Add(batch.Rows.Slice(i * FlightFeatures.Service.RowLength, FlightFeatures.Service.RowLength).ToArray());
            }
        }

        return rows;
    }

    private static float[] ByDefinition(List<Flights.Flight> origin, DateTime time, string destination)
    {
        // Schedules and delays are whole minutes, so the tile of a minute is exact.
        var row = new List<float>();
        foreach (var hours in new[] { 1, 3, 24 })
        {
            var window = origin.Where(f => f.KnownAt < time && f.KnownAt >= time.AddHours(-hours)).ToList();
            row.Add(Mean(window));
            row.Add(LateShare(window));
            row.Add(window.Count);
        }

        var route = origin.Where(f => f.Destination == destination).ToList();
        var week = route.Where(f => f.KnownAt < time && f.KnownAt >= time.AddDays(-7)).ToList();
        row.Add(Mean(week));
        row.Add(LateShare(week));
        row.Add(week.Count);
        row.Add(route.Where(f => f.KnownAt < time).MaxBy(f => f.KnownAt)?.Distance ?? float.NaN);
        row.Add(time.Hour + (time.Minute / 60f));
        row.Add((float)time.DayOfWeek);
        return [.. row];
    }

    private static float Mean(List<Flights.Flight> flights) => flights.Count == 0 ? float.NaN : (float)(flights.Sum(f => f.Delay) / (double)flights.Count);

    private static float LateShare(List<Flights.Flight> flights) => flights.Count == 0 ? float.NaN : (float)(flights.Count(f => f.Delay > 15) / (double)flights.Count);

    private static bool Same(float a, float b) => BitConverter.SingleToInt32Bits(a) == BitConverter.SingleToInt32Bits(b) || (float.IsNaN(a) && float.IsNaN(b));
}
