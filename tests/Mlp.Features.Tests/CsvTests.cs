using Mlp.Core;

namespace Mlp.Features.Tests;

public class CsvTests
{
    private static readonly EventSource Readings = new("readings", "known_at", Column.Text("sensor"), Column.Integer("units").Nullable(), Column.Number("level"), Column.Category("state", "on", "off").Nullable());

    [Fact]
    public void A_file_with_a_header_becomes_the_sources_types_and_times_with_a_zone_their_instant()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("a.csv"), "known_at,sensor,units,level,state\n2001-01-01 02:00:00+02:00,\"a,b\",1,0.1,on\n2001-01-01T00:00:01Z,c,,nan,\n");
        var offline = OfflineStore.Open(folder.At("store"));
        Assert.Equal(2, offline.Append(Readings, "a", OfflineQuery.Csv(folder.At("a.csv"))));
        var batch = Assert.Single(offline.Replay(Readings, DateTime.MinValue, DateTime.MaxValue));
        Assert.Equal([new(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc), new(2001, 1, 1, 0, 0, 1, DateTimeKind.Utc)], batch.Times.ToArray());
        Assert.Equal(["a,b", "c"], batch.Texts("sensor").ToArray());
        Assert.Equal([false, true], batch["units"].Missing.ToArray());
        Assert.Equal([0.1, double.NaN], batch.Numbers("level").ToArray());
        Assert.Equal("on", batch["state"][0].Text);
        Assert.True(batch["state"].IsMissing(1));
    }

    [Fact]
    public void A_file_without_a_header_is_read_by_its_declared_columns_and_delimiter()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("a.csv"), "c;-;2001-01-01 00:00:00+05;7;0,5\n".Replace("0,5", "0.5", StringComparison.Ordinal));
        var options = new CsvOptions { HasHeader = false, Delimiter = ';', Missing = "-", Columns = [Column.Text("sensor"), Column.Text("state"), Column.Timestamp("moment"), Column.Integer("units"), Column.Number("level")] };
        var offline = OfflineStore.Open(folder.At("store"));
        Assert.Equal(1, offline.Append(Readings, "a", OfflineQuery.Csv(folder.At("*.csv"), options).With("known_at", "moment + to_minutes(units)")));
        var batch = Assert.Single(offline.Replay(Readings, DateTime.MinValue, DateTime.MaxValue));
        Assert.Equal(new DateTime(2000, 12, 31, 19, 7, 0, DateTimeKind.Utc), batch.Times[0]);
        Assert.Equal(0.5, batch.Numbers("level")[0]);
    }

    [Theory]
    [InlineData("known_at,sensor,units,level,state\n2001-01-01,a,one,0.1,on\n", "one")]
    [InlineData("known_at,sensor,units,level\n2001-01-01,a,1,0.1\n", "state")]
    public void A_file_that_does_not_fit_is_refused_and_changes_nothing(string text, string named)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("a.csv"), text);
        var offline = OfflineStore.Open(folder.At("store"));
        var error = Assert.Throws<MlpException>(() => offline.Append(Readings, "a", OfflineQuery.Csv(folder.At("a.csv"))));
        Assert.Equal(FeatureErrors.QueryFailed, error.Code);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.Equal(0, offline.RowsOf(Readings));
    }

    [Fact]
    public void Options_that_contradict_themselves_are_refused_at_once()
    {
        Assert.Throws<ArgumentException>(() => OfflineQuery.Csv("a.csv", new CsvOptions { HasHeader = false }));
        Assert.Throws<ArgumentException>(() => OfflineQuery.Csv("a.csv", new CsvOptions { Delimiter = '"' }));
    }
}
