using Mlp.Core;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

/// <summary>What a point-in-time join does at its edges: times to live to the microsecond, missing keys, rows that come twice, labels that are not there.</summary>
public class JoinEdgeTests
{
    private const int Width = 3;

    private static readonly DateTime Start = new(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly EventSource Profiles = new("profiles", "known_at",
        Column.Integer("customer"), Column.Text("region"), Column.Vector("taste", Width), Column.Category("plan", "free", "paid"), Column.Text("city").Nullable(), Column.Vector("codes", 2, ColumnKind.Int16).Nullable());
    private static readonly Entity Customer = new("customer", "customer", "region");
    private static readonly FeatureService Service = new("s", "1",
        new LatestView("short", Customer, Profiles, ["taste", "plan", "city", "codes"], TimeSpan.FromMinutes(5)),
        new LatestView("region", new Entity("region", "region"), Profiles, ["taste", "codes"], TimeSpan.FromMinutes(1)),
        new LatestView("ever", Customer, Profiles, ["taste"]),
        new WindowedView("counts", Customer, Profiles, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), Aggregate.Count(TimeSpan.FromMinutes(10))));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Rows_at_the_very_microsecond_where_a_value_ends_are_what_the_definition_says(int seed)
    {
        using var folder = new TemporaryFolder();
        var random = new Random(seed);
        var events = Enumerable.Range(0, 60).Select(i => (Time: Start.AddMinutes(random.Next(40)), Values: Event(random))).ToArray();
        var offline = OfflineStore.Open(folder.At("store"), new OfflineStoreOptions { Partition = DatePartition.Day, BatchRows = 16 });
        using (var staged = await offline.StageAsync([Column.Timestamp("known_at"), .. Profiles.Columns], AsyncRows.Of(events.Select(e => (FeatureValue[])[e.Time, .. e.Values]))))
        {
            offline.Append(Profiles, "all", staged.Query);
        }

        // Each is asked for twice, and now and then by a key that is missing.
        var requests = events.SelectMany(e => new[] { 0L, 1, -1 }.SelectMany(us => new[] { TimeSpan.Zero, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5) }.Select(after =>
            (Time: (e.Time + after).AddMicroseconds(us), Customer: random.Next(9) == 0 ? FeatureValue.Missing : e.Values[0], Region: random.Next(9) == 0 ? FeatureValue.Missing : e.Values[1])))).ToArray();
        requests = [.. requests, .. requests];
        using var asked = await offline.StageAsync([Column.Timestamp("moment"), Column.Integer("customer").Nullable(), Column.Text("region").Nullable()], AsyncRows.Of(requests.Select(r => (FeatureValue[])[r.Time, r.Customer, r.Region])));
        var entities = new EntityRows(asked.Query, "moment", Column.Integer("customer").Nullable(), Column.Text("region").Nullable());

        var found = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var batch in offline.Join(Service, entities))
        {
            for (var row = 0; row < batch.Count; row++)
            {
                var key = $"{batch.Times[row]:O} {batch["customer"][row]} {batch["region"][row]}";
                found.TryAdd(key, []);
                found[key].Add(string.Join(' ', batch.Features.ToArray().Select(f => f[row])));
            }
        }

        Assert.Equal(requests.Length, found.Values.Sum(r => r.Count));
        foreach (var same in requests.GroupBy(r => $"{r.Time:O} {r.Customer} {r.Region}"))
        {
            var (time, customer, region) = same.First();
            Assert.Equal(Enumerable.Repeat(ByDefinition(events, time, customer, region), same.Count()), found[same.Key]);
        }

        Assert.Equal(requests.Length, offline.JoinToParquet(Service, entities, folder.At("set.parquet")));
    }

    [Fact]
    public void A_label_that_is_missing_where_it_may_not_be_is_refused_by_name_and_never_0()
    {
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.At("store"));
        offline.Append(Departures.Source, "all", Departures.EventQuery(Departures.Events(1, 10)));
        var asked = OfflineQuery.Sql("SELECT unnest([TIMESTAMP '2001-01-01', TIMESTAMP '2001-01-02']) AS moment, 'SEA' AS origin, 'BOS' AS destination, unnest([1, NULL]) AS label");
        var strict = new EntityRows(asked, "moment", Column.Integer("label"));
        foreach (var join in (Action[])[() => offline.Join(Departures.Service, strict).Count(), () => offline.JoinToParquet(Departures.Service, strict, folder.At("set.parquet"))])
        {
            var error = Assert.Throws<MlpException>(join);
            Assert.Equal(FeatureErrors.EntityInvalid, error.Code);
            Assert.Contains("'label'", error.Message, StringComparison.Ordinal);
            Assert.Contains("Nullable", error.Message, StringComparison.Ordinal);
        }

        var batch = Assert.Single(offline.Join(Departures.Service, new EntityRows(asked, "moment", Column.Integer("label").Nullable())));
        Assert.Equal([false, true], batch["label"].Missing.ToArray());
    }

    [Fact]
    public void A_place_that_no_file_can_be_made_in_is_named()
    {
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.At("store"));
        offline.Append(Departures.Source, "all", Departures.EventQuery(Departures.Events(1, 10)));
        File.WriteAllText(folder.At("taken"), "");
        var error = Assert.Throws<MlpException>(() => offline.JoinToParquet(Departures.Service, Departures.RequestRows(Departures.Requests(1, 3, Departures.Events(1, 10))), folder.At("taken/set.parquet")));
        Assert.Equal(FeatureErrors.StoreUnavailable, error.Code);
        Assert.Contains("set.parquet", error.Message, StringComparison.Ordinal);
    }

    private static FeatureValue[] Event(Random random) =>
    [
        (long)random.Next(3), random.Next(2) == 0 ? "eu" : "us", FeatureValue.Of(new float[] { random.Next(9), 1, 2 }), random.Next(2) == 0 ? "free" : "paid",
        random.Next(3) == 0 ? FeatureValue.Missing : "Oslo", random.Next(3) == 0 ? FeatureValue.Missing : FeatureValue.Of(new short[] { (short)random.Next(9), 7 }),
    ];

    // The newest event before the time, no older than the view allows; of several at one time the largest of each column.
    private static string ByDefinition((DateTime Time, FeatureValue[] Values)[] events, DateTime time, FeatureValue customer, FeatureValue region)
    {
        IEnumerable<string> Newest(Func<FeatureValue[], bool> isEntity, TimeSpan? limit, params int[] columns)
        {
            var known = events.Where(e => e.Time < time && isEntity(e.Values)).ToArray();
            var last = known.Where(e => e.Time == known.Max(k => k.Time) && (limit is null || time - e.Time <= limit)).ToArray();
            return columns.Select(c => last.Select(e => e.Values[c].ToString()).Where(v => v != FeatureValue.Missing.ToString()).OrderDescending(StringComparer.Ordinal).FirstOrDefault(FeatureValue.Missing.ToString()));
        }

        bool IsCustomer(FeatureValue[] values) => !customer.IsMissing && IsRegion(values) && values[0].Integer == customer.Integer;
        bool IsRegion(FeatureValue[] values) => !region.IsMissing && values[1].Text == region.Text;
        var end = new DateTime(time.Ticks - (time.Ticks % TimeSpan.TicksPerMinute), DateTimeKind.Utc);
        var count = events.Count(e => IsCustomer(e.Values) && e.Time < end && e.Time >= end.AddMinutes(-10));
        return string.Join(' ', [.. Newest(IsCustomer, TimeSpan.FromMinutes(5), 2, 3, 4, 5), .. Newest(IsRegion, TimeSpan.FromMinutes(1), 2, 5), .. Newest(IsCustomer, null, 2), $"{count}"]);
    }
}
