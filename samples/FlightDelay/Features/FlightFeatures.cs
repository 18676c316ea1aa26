using Mlp.Features;

namespace FlightDelay.Features;

/// <summary>
/// The one definition of the features: training, materialisation, the stream and the service all read it. Times are the origin's
/// own clock, as the timetable prints them; every window belongs to one origin, so no two clocks are mixed.
/// </summary>
internal static class FlightFeatures
{
    /// <summary>A flight is late when it leaves more than this many minutes after its time.</summary>
    public const int LateMinutes = 15;

    /// <summary>Departures, each known once it has happened: at its scheduled time plus its delay.</summary>
    public static readonly EventSource Departures = new("departures", "known_at",
        Column.Text("origin"), Column.Text("destination"), Column.Integer("delay"), Column.Integer("distance"));

    public static readonly Entity Airport = new("airport", "origin");

    public static readonly Entity Route = new("route", "origin", "destination");

    public static readonly WindowedView OriginDelays = new("origin_delays", Airport, Departures, tile: TimeSpan.FromMinutes(1), lateness: TimeSpan.Zero,
        [.. new[] { 1, 3, 24 }.SelectMany(hours => new[]
        {
            Aggregate.Mean("delay", TimeSpan.FromHours(hours)) with { Name = $"mean_delay_{hours}h" },
            Aggregate.Share("delay", LateMinutes, TimeSpan.FromHours(hours)) with { Name = $"late_share_{hours}h" },
            Aggregate.Count(TimeSpan.FromHours(hours)) with { Name = $"departures_{hours}h" },
        })]);

    public static readonly WindowedView RouteDelays = new("route_delays", Route, Departures, tile: TimeSpan.FromMinutes(1), lateness: TimeSpan.Zero,
        Aggregate.Mean("delay", TimeSpan.FromDays(7)) with { Name = "mean_delay_7d" },
        Aggregate.Share("delay", LateMinutes, TimeSpan.FromDays(7)) with { Name = "late_share_7d" },
        Aggregate.Count(TimeSpan.FromDays(7)) with { Name = "departures_7d" });

    public static readonly LatestView RouteFacts = new("route", Route, Departures, ["distance"]);

    public static readonly OnDemandView Calendar = new("calendar", "1", ["hour", "weekday"], static (time, features) =>
    {
        features[0] = time.Hour + (time.Minute / 60f);
        features[1] = (float)time.DayOfWeek;
    });

    public static readonly FeatureService Service = new("flight_delay", "1", OriginDelays, RouteDelays, RouteFacts, Calendar);

    /// <summary>The keys of a flight, in the order of the service's entities.</summary>
    public static void Keys(string origin, string destination, Span<EntityKey> keys)
    {
        keys[0] = EntityKey.Of(origin);
        keys[1] = EntityKey.Of(origin, destination);
    }
}
