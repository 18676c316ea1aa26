using DuckDB.NET.Data;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

public class TimeZoneTests
{
    private static readonly EventSource Readings = new("readings", "known_at", Column.Text("sensor"), Column.Integer("units"));
    private static readonly Entity Sensor = new("sensor", "sensor");
    private static readonly FeatureService Service = new("s", "1", new LatestView("last", Sensor, Readings, ["units"]));

    // Kathmandu is five hours and three quarters ahead of UTC, Honolulu ten behind.
    [Theory]
    [InlineData("UTC")]
    [InlineData("Asia/Kathmandu")]
    [InlineData("Pacific/Honolulu")]
    public async Task Times_with_a_zone_mean_their_instant_wherever_the_process_runs(string zone) =>
        OtherProcess.HasPassed(await OtherProcess.RunAsync(typeof(TimeZoneTests), nameof(Times_with_a_zone_mean_their_instant_here), ("TZ", zone)));

    [Fact(Explicit = true)]
    public async Task Times_with_a_zone_mean_their_instant_here()
    {
        Assert.Equal(Environment.GetEnvironmentVariable("TZ"), TimeZoneInfo.Local.Id);
        using var folder = new TemporaryFolder();
        var noon = new DateTime(2001, 6, 1, 12, 0, 0, DateTimeKind.Utc);

        // A file with a zone in its column, as other programs write them, and one instant written in three ways.
        var file = folder.At("readings.parquet");
        using (var maker = new DuckDBConnection("DataSource=:memory:"))
        {
            maker.Open();
            using var command = maker.CreateCommand();
            command.CommandText = $"COPY (SELECT * FROM (VALUES (TIMESTAMPTZ '2001-06-01 12:00:00+00', 'A', 1), (TIMESTAMPTZ '2001-06-01 17:46:00+05:45', 'A', 2), (TIMESTAMPTZ '2001-06-01 02:02:00-10', 'A', 3)) AS t(known_at, sensor, units)) TO '{file}' (FORMAT parquet)";
            command.ExecuteNonQuery();
        }

        var offline = OfflineStore.Open(folder.At("offline"));
        offline.Append(Readings, "all", OfflineQuery.Parquet(file));
        var replayed = Assert.Single(offline.Replay(Readings, noon, noon.AddMinutes(3)));
        Assert.Equal([noon, noon.AddMinutes(1), noon.AddMinutes(2)], replayed.Times.ToArray());
        Assert.Equal([1, 2, 3], replayed.Integers("units").ToArray());

        // Each row asks in its own zone for the moment between two events.
        var rows = new EntityRows(OfflineQuery.Sql("SELECT 'A' AS sensor, unnest([TIMESTAMPTZ '2001-06-01 12:00:30+00', TIMESTAMPTZ '2001-06-01 17:46:30+05:45', TIMESTAMPTZ '2001-06-01 02:02:30-10']) AS moment"), "moment");
        var joined = Assert.Single(offline.Join(Service, rows));
        Assert.Equal([noon.AddSeconds(30), noon.AddSeconds(90), noon.AddSeconds(150)], joined.Times.ToArray());
        Assert.Equal([1, 2, 3], joined.Rows.ToArray());

        // And so does the store that serves.
        using var online = OnlineStore.Open(folder.At("online"), Service);
        await Materializer.RunAsync(offline, online, noon.AddMinutes(2));
        using var reader = online.CreateReader(Service);
        var row = new float[1];
        reader.Read([EntityKey.Of("A")], noon.AddSeconds(90).ToLocalTime(), row);
        Assert.Equal([2f], row);
    }
}
