using Mlp.Monitoring;

namespace FlightDelay.Training;

/// <summary>The parts of the traffic that are looked at one by one: by the origin's size and by the time of day.</summary>
internal static class FlightSlices
{
    private const int LargePerDay = 200;
    private const int MediumPerDay = 50;

    public static IReadOnlyList<SliceColumn> Of(LabelledRows rows)
    {
        // A row is a departure, so the rows themselves say how large an airport is.
        var days = Math.Max(1, (rows.Times[^1].Date - rows.Times[0].Date).Days + 1);
        var perDay = rows.Origins.CountBy(origin => origin).ToDictionary(pair => pair.Key, pair => (double)pair.Value / days);
        return
        [
            new SliceColumn("origin_size", [.. rows.Origins.Select(origin => perDay[origin] >= LargePerDay ? "large" : perDay[origin] >= MediumPerDay ? "medium" : "small")]),
            new SliceColumn("hour", [.. rows.Times.Select(time => time.Hour switch { < 6 => "00-05", < 12 => "06-11", < 18 => "12-17", _ => "18-23" })]),
        ];
    }
}
