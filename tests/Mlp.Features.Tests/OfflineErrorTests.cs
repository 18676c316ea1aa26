using Mlp.Core;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

public class OfflineErrorTests
{
    private static readonly EventSource Readings = new("readings", "known_at", Column.Text("sensor"), Column.Integer("units"), Column.Number("level"));
    private static readonly Entity Sensor = new("sensor", "sensor");
    private static readonly LatestView Last = new("last", Sensor, Readings, ["units", "level"]);
    private static readonly WindowedView Sums = new("sums", Sensor, Readings, TimeSpan.FromMinutes(1), TimeSpan.Zero, Aggregate.Sum("units", TimeSpan.FromHours(1)));
    private static readonly DateTime Noon = new(2001, 1, 1, 12, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void An_append_that_would_make_the_list_of_batches_too_long_to_be_read_is_refused_and_changes_nothing()
    {
        using var folder = new TemporaryFolder();
        var options = new OfflineStoreOptions { ListBytesMax = 4096 };
        var offline = OfflineStore.Open(folder.Path, options);
        var appended = 0;
        var error = Assert.Throws<MlpException>(() =>
        {
            for (; appended < 100; appended++)
            {
                Append(offline, $"b{appended}");
            }
        });
        Assert.Equal(ErrorCodes.LimitReached, error.Code);
        Assert.Contains(nameof(OfflineStoreOptions.ListBytesMax), error.Message, StringComparison.Ordinal);
        Assert.InRange(appended, 5, 50);
        Assert.Equal(appended, offline.RowsOf(Readings));
        Assert.Equal(appended, Directory.GetFiles(folder.At("readings"), "*.parquet", SearchOption.AllDirectories).Length);

        // What is listed may still be replaced, and a larger limit makes room.
        Append(offline, "b0");
        Append(OfflineStore.Open(folder.Path), "b100");
        Append(OfflineStore.Open(folder.Path), "b101");
        Assert.Equal(ErrorCodes.LimitReached, Assert.Throws<MlpException>(() => OfflineStore.Open(folder.Path, options).RowsOf(Readings)).Code);
        Assert.Equal(appended + 2, OfflineStore.Open(folder.Path).RowsOf(Readings));
    }

    [Fact]
    public void A_file_in_the_place_of_the_store_or_of_its_folder_for_spilling_is_named()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("file"), "no folder");
        IsNamed(FeatureErrors.StoreUnavailable, folder.At("file"), () => OfflineStore.Open(folder.At("file")));
        IsNamed(FeatureErrors.StoreUnavailable, folder.At("file"), () => OfflineStore.Open(Path.Combine(folder.At("file"), "below")));

        var offline = OfflineStore.Open(folder.At("store"));
        var spill = Path.Combine(folder.At("store"), "spill");
        File.WriteAllText(spill, "no folder");
        IsNamed(FeatureErrors.StoreUnavailable, spill, () => OfflineStore.Open(folder.At("store")));
        IsNamed(FeatureErrors.StoreUnavailable, spill, () => Append(offline));
    }

    [Fact]
    public void A_file_in_the_place_of_a_sources_folder_is_named()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("readings"), "no folder");
        var offline = OfflineStore.Open(folder.Path);
        IsNamed(FeatureErrors.StoreUnavailable, folder.At("readings"), () => Append(offline));
    }

    [Fact]
    public void A_folder_in_the_place_of_a_sources_list_is_damage()
    {
        using var folder = new TemporaryFolder();
        var list = Path.Combine(folder.At("readings"), "source.json");
        Directory.CreateDirectory(list);
        var offline = OfflineStore.Open(folder.Path);
        IsNamed(FeatureErrors.StoreDamaged, list, () => Append(offline));
        IsNamed(FeatureErrors.StoreDamaged, list, () => offline.RowsOf(Readings));
    }

    [Theory]
    [InlineData("NULL::TIMESTAMP")]
    [InlineData("'infinity'::TIMESTAMP")]
    [InlineData("TIMESTAMP '12001-01-01'")]
    public void A_row_of_entities_without_a_time_is_refused_with_the_columns_name(string time)
    {
        using var folder = new TemporaryFolder();
        var offline = Store(folder.Path, "('A', 1, 1.0)");
        var rows = new EntityRows(OfflineQuery.Sql($"SELECT 'A' AS sensor, TIMESTAMP '2001-01-01 12:00:00' AS moment UNION ALL SELECT 'A', {time}"), "moment");
        var error = Assert.Throws<MlpException>(() => offline.Join(new FeatureService("s", "1", Last), rows).ToList());
        Assert.Equal(FeatureErrors.EntityInvalid, error.Code);
        Assert.Contains("1 row", error.Message, StringComparison.Ordinal);
        Assert.Contains("'moment'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'infinity'::TIMESTAMP")]
    [InlineData("TIMESTAMP '12001-01-01'")]
    public void An_event_at_a_time_that_no_clock_shows_is_refused_and_changes_nothing(string time)
    {
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.Path);
        var error = Assert.Throws<MlpException>(() => offline.Append(Readings, "b", OfflineQuery.Sql($"SELECT {time} AS known_at, 'A' AS sensor, 1 AS units, 1.0 AS level")));
        Assert.Equal(FeatureErrors.EventInvalid, error.Code);
        Assert.Contains("'known_at'", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, offline.RowsOf(Readings));
    }

    [Theory]
    [InlineData(1e300)]
    [InlineData(-1e300)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(double.MaxValue)]
    [InlineData(3.4028234663852886e38)]
    [InlineData(3.4028235677973362e38)]
    [InlineData(3.4028235677973366e38)]
    [InlineData(-3.4028235677973366e38)]
    [InlineData(1e-320)]
    [InlineData(0.1)]
    public async Task A_number_becomes_the_same_float_on_every_way(double level)
    {
        using var folder = new TemporaryFolder();
        await OnEveryWay(folder, 1, level, [1, (float)level]);
    }

    [Theory]
    [InlineData((1L << 60) + (1L << 36) + 1)]
    [InlineData(-((1L << 60) + (1L << 36) + 1))]
    [InlineData((1L << 53) + 1)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    [InlineData(16777217)]
    public async Task An_integer_is_rounded_once_on_every_way(long units)
    {
        using var folder = new TemporaryFolder();
        await OnEveryWay(folder, units, 0.5, [(float)units, 0.5f]);
    }

    [Theory]
    [InlineData("('A', 9223372036854775807, 0), ('A', 1, 0)", "in one tile")]
    [InlineData("('A', -9223372036854775808, 0), ('A', -1, 0)", "in one tile, downwards")]
    public async Task A_sum_that_does_not_fit_names_view_feature_and_key(string events, string because)
    {
        using var folder = new TemporaryFolder();
        var offline = Store(folder.At("offline"), $"('B', 1, 0), {events}");
        IsOverflow(Assert.Throws<MlpException>(() => offline.Join(new FeatureService("s", "1", Sums), Rows()).ToList()), because);
        using var online = OnlineStore.Open(folder.At("online"), new FeatureService("s", "1", Sums));
        IsOverflow(await Assert.ThrowsAsync<MlpException>(() => Materializer.RunAsync(offline, online, Noon)), because);
    }

    [Fact]
    public async Task A_sum_over_several_tiles_that_does_not_fit_is_the_same_error_on_every_way()
    {
        using var folder = new TemporaryFolder();
        var service = new FeatureService("s", "1", Sums);
        var offline = Store(folder.At("offline"), "('B', 1, 0), ('A', 9223372036854775807, 0)");
        offline.Append(Readings, "later", OfflineQuery.Sql("SELECT TIMESTAMP '2001-01-01 11:40:00' AS known_at, 'A' AS sensor, 1 AS units, 0.0 AS level"));
        IsOverflow(Assert.Throws<MlpException>(() => offline.Join(service, Rows()).ToList()), "the join");
        using (var materialised = OnlineStore.Open(folder.At("materialised"), service))
        {
            IsOverflow(await Assert.ThrowsAsync<MlpException>(() => Materializer.RunAsync(offline, materialised, Noon)), "materialisation");
        }

        using var pushed = OnlineStore.Open(folder.At("pushed"), service);
        pushed.Push(Readings, Noon.AddMinutes(-30), "A", long.MaxValue, 0.0);
        IsOverflow(Assert.Throws<MlpException>(() => pushed.Push(Readings, Noon.AddMinutes(-20), "A", 1L, 0.0)), "a push");
    }

    private static void IsOverflow(MlpException error, string because)
    {
        Assert.True(error.Code == FeatureErrors.SumOverflow, $"{because}: {error}");
        Assert.Contains("'sum_units_1h'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'sums'", error.Message, StringComparison.Ordinal);
        Assert.Contains("sensor 'A'", error.Message, StringComparison.Ordinal);
    }

    private static async Task OnEveryWay(TemporaryFolder folder, long units, double level, float[] expected)
    {
        var service = new FeatureService("s", "1", Last);
        var offline = Store(folder.At("offline"), FormattableString.Invariant($"('A', '{units}'::BIGINT, '{(double.IsInfinity(level) ? level > 0 ? "inf" : "-inf" : level.ToString("R", System.Globalization.CultureInfo.InvariantCulture))}'::DOUBLE)"));
        IsRow(Assert.Single(offline.Join(service, Rows())).Rows, "the join");

        var row = new float[2];
        using (var pushed = OnlineStore.Open(folder.At("pushed"), service))
        {
            pushed.Push(Readings, Noon.AddMinutes(-30), "A", units, level);
            using var reader = pushed.CreateReader(service);
            reader.Read([EntityKey.Of("A")], Noon, row);
            IsRow(row, "a push");
        }

        using var materialised = OnlineStore.Open(folder.At("materialised"), service);
        await Materializer.RunAsync(offline, materialised, Noon);
        using var second = materialised.CreateReader(service);
        second.Read([EntityKey.Of("A")], Noon, row);
        IsRow(row, "materialisation");

        void IsRow(ReadOnlySpan<float> actual, string way)
        {
            for (var i = 0; i < expected.Length; i++)
            {
                Assert.True(BitConverter.SingleToInt32Bits(expected[i]) == BitConverter.SingleToInt32Bits(actual[i]), $"{way}: {actual[i]:R}, expected {expected[i]:R}");
            }
        }
    }

    private static EntityRows Rows() => new(OfflineQuery.Sql("SELECT 'A' AS sensor, TIMESTAMP '2001-01-01 12:00:00' AS moment"), "moment");

    private static OfflineStore Store(string folder, string events)
    {
        var offline = OfflineStore.Open(folder);
        offline.Append(Readings, "b", OfflineQuery.Sql($"SELECT TIMESTAMP '2001-01-01 11:30:00' AS known_at, * FROM (VALUES {events}) AS t(sensor, units, level)"));
        return offline;
    }

    private static void IsNamed(string code, string path, Action action)
    {
        var error = Assert.Throws<MlpException>(action);
        Assert.Equal(code, error.Code);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    private static void Append(OfflineStore offline, string batch = "b") =>
        offline.Append(Readings, batch, OfflineQuery.Sql("SELECT TIMESTAMP '2001-01-01' AS known_at, 'A' AS sensor, 1 AS units, 1.0 AS level"));
}
