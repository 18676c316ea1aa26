using System.Globalization;
using System.Text;

namespace Mlp.Features.Tests.Scenarios;

/// <summary>A small world of departures: definitions, seeded events and requests, and what the features are by their definition alone.</summary>
internal static class Departures
{
    public static readonly EventSource Source = new("departures", "known_at", Column.Text("origin"), Column.Text("destination"), Column.Integer("delay"), Column.Number("load"));

    public static readonly Entity Airport = new("airport", "origin");

    public static readonly Entity Route = new("route", "origin", "destination");

    public static readonly WindowedView AirportDelays = new("airport_delays", Airport, Source, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1),
        Aggregate.Count(TimeSpan.FromHours(1)),
        Aggregate.Mean("delay", TimeSpan.FromHours(1)),
        Aggregate.Share("delay", 15, TimeSpan.FromHours(1)),
        Aggregate.Sum("delay", TimeSpan.FromHours(3)),
        Aggregate.Mean("delay", TimeSpan.FromDays(1)));

    public static readonly WindowedView RouteDelays = new("route_delays", Route, Source, TimeSpan.FromMinutes(10), TimeSpan.Zero,
        Aggregate.Mean("delay", TimeSpan.FromDays(7)),
        Aggregate.Count(TimeSpan.FromDays(7)));

    public static readonly LatestView LastDeparture = new("last_departure", Airport, Source, ["delay", "load"], TimeSpan.FromHours(2));

    public static readonly OnDemandView Clock = new("clock", "1", ["hour"], static (time, features) => features[0] = time.Hour);

    public static readonly FeatureService Service = new("delays", "1", AirportDelays, Clock, RouteDelays, LastDeparture);

    public static readonly DateTime Start = new(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private static readonly string[] Airports = ["SEA", "BOS", "ATL", "ZZZ"];

    public sealed record Event(DateTime KnownAt, string Origin, string Destination, int Delay, double Load);

    public sealed record Request(DateTime Time, string Origin, string Destination)
    {
        public EntityKey[] Keys => [EntityKey.Of(Origin), EntityKey.Of(Origin, Destination)];
    }

    public static List<Event> Events(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count)
            .Select(_ => new Event(Start.AddSeconds(random.Next(14 * 24 * 3600)), Airports[random.Next(3)], Airports[random.Next(3)], random.Next(-20, 200), random.Next(3) == 0 ? double.NaN : random.NextDouble()))
            .OrderBy(e => e.KnownAt)];
    }

    public static List<Request> Requests(int seed, int count, IReadOnlyList<Event> events)
    {
        var random = new Random(seed);

        // Half of the requests fall on an event's very moment, where an error of one would show.
        return [.. Enumerable.Range(0, count)
            .Select(i => new Request(i % 2 == 0 ? events[random.Next(events.Count)].KnownAt : Start.AddSeconds(random.Next(14 * 24 * 3600)), Airports[random.Next(4)], Airports[random.Next(4)]))
            .OrderBy(r => r.Time).ThenBy(r => r.Origin, StringComparer.Ordinal).ThenBy(r => r.Destination, StringComparer.Ordinal)];
    }

    public static OfflineQuery EventQuery(IEnumerable<Event> events) => Values("known_at, origin, destination, delay, load",
        events.Select(e => FormattableString.Invariant($"(TIMESTAMP '{e.KnownAt:yyyy-MM-dd HH:mm:ss}', '{e.Origin}', '{e.Destination}', {e.Delay}, {(double.IsNaN(e.Load) ? "'nan'::DOUBLE" : $"'{e.Load.ToString("R", CultureInfo.InvariantCulture)}'::DOUBLE")})")));

    public static EntityRows RequestRows(IEnumerable<Request> requests) => new(Values("origin, destination, moment",
        requests.Select(r => FormattableString.Invariant($"('{r.Origin}', '{r.Destination}', TIMESTAMP '{r.Time:yyyy-MM-dd HH:mm:ss}')"))), "moment", Column.Text("origin"), Column.Text("destination"));

    public static void Push(OnlineStore store, Event e) => store.Push(Source, e.KnownAt, e.Origin, e.Destination, (long)e.Delay, e.Load);

    /// <summary>The row by its definition: every event looked at, nothing shared with the library.</summary>
    public static float[] ByDefinition(IReadOnlyList<Event> events, Request request)
    {
        var row = new List<float>();
        var minute = Floor(request.Time, TimeSpan.FromMinutes(1));
        List<Event> Airport(TimeSpan window) => [.. events.Where(e => e.Origin == request.Origin && e.KnownAt < minute && e.KnownAt >= minute - window)];
        var hour = Airport(TimeSpan.FromHours(1));
        row.Add(hour.Count);
        row.Add(Mean(hour));
        row.Add(hour.Count == 0 ? float.NaN : (float)(hour.Count(e => e.Delay > 15) / (double)hour.Count));
        row.Add(Airport(TimeSpan.FromHours(3)).Sum(e => e.Delay));
        row.Add(Mean(Airport(TimeSpan.FromDays(1))));
        row.Add(request.Time.Hour);

        var tile = Floor(request.Time, TimeSpan.FromMinutes(10));
        List<Event> week = [.. events.Where(e => e.Origin == request.Origin && e.Destination == request.Destination && e.KnownAt < tile && e.KnownAt >= tile - TimeSpan.FromDays(7))];
        row.Add(Mean(week));
        row.Add(week.Count);

        var newest = events.Where(e => e.Origin == request.Origin && e.KnownAt < request.Time).Select(e => e.KnownAt).DefaultIfEmpty(DateTime.MinValue).Max();
        List<Event> last = request.Time - newest > TimeSpan.FromHours(2) ? [] : [.. events.Where(e => e.Origin == request.Origin && e.KnownAt == newest)];
        row.Add(last.Count == 0 ? float.NaN : last.Max(e => e.Delay));
        row.Add(last.Where(e => !double.IsNaN(e.Load)).Select(e => (float)e.Load).DefaultIfEmpty(float.NaN).Max());
        return [.. row];
    }

    public static void SameBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string because)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i]) && !(float.IsNaN(expected[i]) && float.IsNaN(actual[i])))
            {
                Assert.Fail($"{because}: {Service.Features[i]} is {actual[i]:R}, expected {expected[i]:R}");
            }
        }
    }

    private static float Mean(List<Event> events) => events.Count == 0 ? float.NaN : (float)(events.Sum(e => (long)e.Delay) / (double)events.Count);

    private static DateTime Floor(DateTime time, TimeSpan tile) => new(time.Ticks - (time.Ticks % tile.Ticks), DateTimeKind.Utc);

    private static OfflineQuery Values(string columns, IEnumerable<string> rows)
    {
        var sql = new StringBuilder("SELECT * FROM (VALUES ").AppendJoin(", ", rows).Append(") AS t(").Append(columns).Append(')');
        return OfflineQuery.Sql(sql.ToString());
    }
}
