using Mlp.Core;

namespace Mlp.Features.Tests;

/// <summary>Events that are taken back: what a request sees before and after, and what is refused.</summary>
public class RetractionTests
{
    private static readonly EventSource Orders = new("orders", "at", Column.Text("shop"), Column.Integer("cents"), Column.Integer("retracts")) { RetractsColumn = "retracts" };
    private static readonly Entity Shop = new("shop", "shop");
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly FeatureService Service = new("s", "1", View("orders", lateness: 30, kept: 4));

    [Fact]
    public void A_request_before_the_retractions_tile_sees_the_event_and_a_later_one_does_not()
    {
        using var folder = new TemporaryFolder();
        using var store = OnlineStore.Open(folder.Path, Service);
        Push(store, 1, 50);
        Push(store, 2, 70);
        store.Retract(Orders, Start.AddMinutes(10.5), Start.AddMinutes(2), "a", 70L, 0L);
        Assert.Equal([2f, 50f, 70f, 70f], Read(store, 3));
        Assert.Equal([2f, 50f, 70f, 70f], Read(store, 10.9));
        Assert.Equal([1f, 50f, 50f, 50f], Read(store, 11));

        // A window without the event has nothing of its retraction either.
        Assert.Equal([0f, float.NaN, float.NaN, float.NaN], Read(store, 63));
    }

    [Fact]
    public async Task Offline_a_request_sees_the_same()
    {
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.At("offline"));
        offline.Append(Orders, "all", History("(TIMESTAMP '2026-01-01 00:01:00', 'a', 50, 0), (TIMESTAMP '2026-01-01 00:02:00', 'a', 70, 0), (TIMESTAMP '2026-01-01 00:10:30', 'a', 70, 1767225720000000)"));
        var asked = OfflineQuery.Sql("SELECT * FROM (VALUES ('a', TIMESTAMP '2026-01-01 00:03:00'), ('a', TIMESTAMP '2026-01-01 00:10:54'), ('a', TIMESTAMP '2026-01-01 00:11:00'), (NULL, TIMESTAMP '2026-01-01 00:11:00'), ('b', TIMESTAMP '2026-01-01 00:11:00')) AS t(shop, moment)");
        var batch = Assert.Single(offline.Join(Service, new EntityRows(asked, "moment", Column.Text("shop").Nullable())));
        var rows = Enumerable.Range(0, batch.Count).Select(i => (Shop: batch.Texts("shop")[i], Time: batch.Times[i], Row: batch.Rows.Slice(i * 4, 4).ToArray())).ToList();
        Assert.Equal([2f, 50f, 70f, 70f], rows.Single(r => r.Time == Start.AddMinutes(3)).Row);
        Assert.Equal([2f, 50f, 70f, 70f], rows.Single(r => r.Time == Start.AddMinutes(10.9)).Row);
        Assert.Equal([1f, 50f, 50f, 50f], rows.Single(r => r.Shop == "a" && r.Time == Start.AddMinutes(11)).Row);
        Assert.All(rows.Where(r => r.Shop != "a"), r => Assert.Equal([0f, float.NaN, float.NaN, float.NaN], r.Row));

        // Materialised until between event and retraction, the retraction comes to the state that was kept.
        using (var store = OnlineStore.Open(folder.At("online"), Service))
        {
            Assert.Equal(2, await Materializer.RunAsync(offline, store, Start.AddMinutes(5)));
            Assert.Equal([2f, 50f, 70f, 70f], Read(store, 5));
        }

        using var opened = OnlineStore.Open(folder.At("online"), Service);
        Assert.Equal(1, await Materializer.RunAsync(offline, opened, Start.AddMinutes(11)));
        Assert.Equal([1f, 50f, 50f, 50f], Read(opened, 11));
        opened.Retract(Orders, Start.AddMinutes(12), Start.AddMinutes(1), "a", 50L, 0L);
        Assert.Equal([0f, float.NaN, float.NaN, float.NaN], Read(opened, 13));
    }

    [Fact]
    public void What_was_never_pushed_or_is_retracted_already_is_refused_and_changes_nothing()
    {
        using var folder = new TemporaryFolder();
        using var store = OnlineStore.Open(folder.Path, Service);
        Refused(store, 2, 70, "'orders'");
        Push(store, 2, 70);
        Push(store, 2, 70);
        Refused(store, 2, 71, "shop 'a'");
        Refused(store, 1, 70, "2026-01-01T00:01:00");
        store.Retract(Orders, Start.AddMinutes(3), Start.AddMinutes(2), "a", 70L, 0L);
        Assert.Equal([1f, 70f, 70f, 70f], Read(store, 4));
        store.Retract(Orders, Start.AddMinutes(3), Start.AddMinutes(2), "a", 70L, 0L);
        Refused(store, 2, 70, "retracted already");
        Assert.Equal([0f, float.NaN, float.NaN, float.NaN], Read(store, 4));
        Assert.Contains("before its event", Assert.Throws<MlpException>(() => store.Retract(Orders, Start.AddMinutes(1), Start.AddMinutes(2), "a", 70L, 0L)).Message, StringComparison.Ordinal);
        Push(store, 3, 1);
        Assert.Equal(0, store.TooLateCount);
    }

    [Fact]
    public void A_retraction_later_than_the_lateness_is_counted_and_takes_nothing()
    {
        using var folder = new TemporaryFolder();
        using var store = OnlineStore.Open(folder.Path, Service);
        Push(store, 1, 50);
        store.Retract(Orders, Start.AddMinutes(32), Start.AddMinutes(1), "a", 50L, 0L);
        Assert.Equal(1, store.TooLateCount);
        Assert.Equal([1f, 50f, 50f, 50f], Read(store, 33));
    }

    [Fact]
    public void More_events_than_may_be_kept_are_refused_until_they_are_older_than_the_lateness()
    {
        using var folder = new TemporaryFolder();
        using var store = OnlineStore.Open(folder.Path, Service);
        for (var i = 0; i < 4; i++)
        {
            Push(store, i, i);
        }

        var error = Assert.Throws<MlpException>(() => Push(store, 4, 9));
        Assert.Equal(ErrorCodes.LimitReached, error.Code);
        Assert.Contains(nameof(WindowedView.RetractableEventsMax), error.Message, StringComparison.Ordinal);
        Assert.Equal([4f, 0f, 3f, 3f], Read(store, 5));
        Push(store, 31, 7);
        Assert.Equal([5f, 0f, 7f, 7f], Read(store, 32));
    }

    [Fact]
    public void A_source_with_several_views_changes_in_all_of_them_or_in_none()
    {
        using var folder = new TemporaryFolder();
        WindowedView wide = View("wide", lateness: 30, kept: 4), narrow = View("narrow", lateness: 30, kept: 2);
        var both = new FeatureService("s", "1", wide, narrow);
        using var store = OnlineStore.Open(folder.Path, both);
        Push(store, 1, 1);
        Push(store, 2, 2);
        Assert.Equal(ErrorCodes.LimitReached, Assert.Throws<MlpException>(() => Push(store, 3, 3)).Code);
        using var reader = store.CreateReader(both);
        var row = new float[8];
        reader.Read([EntityKey.Of("a")], Start.AddMinutes(5), row);
        Assert.Equal([2f, 1f, 2f, 2f, 2f, 1f, 2f, 2f], row);
        store.Retract(Orders, Start.AddMinutes(3), Start.AddMinutes(2), "a", 2L, 0L);
        reader.Read([EntityKey.Of("a")], Start.AddMinutes(5), row);
        Assert.Equal([1f, 1f, 1f, 1f, 1f, 1f, 1f, 1f], row);
    }

    [Fact]
    public void A_view_that_keeps_no_events_refuses_retractions_by_its_limits_name()
    {
        var source = new EventSource("plain", "at", Column.Text("shop"), Column.Integer("cents"));
        var view = new WindowedView("plain", Shop, source, TimeSpan.FromMinutes(1), TimeSpan.Zero, Aggregate.Count(TimeSpan.FromHours(1)));
        using var folder = new TemporaryFolder();
        using var store = OnlineStore.Open(folder.Path, null, view);
        store.Push(source, Start, "a", 1L);
        var error = Assert.Throws<MlpException>(() => store.Retract(source, Start, Start, "a", 1L));
        Assert.Equal(FeatureErrors.RetractionInvalid, error.Code);
        Assert.Contains(nameof(WindowedView.RetractableEventsMax), error.Message, StringComparison.Ordinal);
        store.Push(source, Start, "a", 1L);

        // Of a source with a column for them it is seen when the store is opened.
        var wrong = Assert.Throws<ArgumentException>(() => OnlineStore.Open(folder.At("other"), null, View("v", lateness: 1, kept: 0)));
        Assert.Contains(nameof(WindowedView.RetractableEventsMax), wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void History_with_a_retraction_of_nothing_is_refused_with_view_and_key()
    {
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.Path);
        offline.Append(Orders, "all", History("(TIMESTAMP '2026-01-01 00:01:00', 'a', 50, 0), (TIMESTAMP '2026-01-01 00:10:30', 'a', 70, 1767225720000000)"));
        var asked = OfflineQuery.Sql("SELECT 'a' AS shop, TIMESTAMP '2026-01-01 00:11:00' AS moment");
        var error = Assert.Throws<MlpException>(() => offline.Join(Service, new EntityRows(asked, "moment")).Count());
        Assert.Equal(FeatureErrors.RetractionInvalid, error.Code);
        Assert.Contains("shop 'a'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_of_moments_tells_retractions_as_well()
    {
        var source = new EventSource("orders", "at", Column.Text("shop"), Column.Integer("cents"), Column.Timestamp("retracts").Nullable()) { RetractsColumn = "retracts" };
        var view = new WindowedView("v", Shop, source, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), Aggregate.Count(TimeSpan.FromHours(1))) { RetractableEventsMax = 10 };
        var service = new FeatureService("s", "1", view);
        using var folder = new TemporaryFolder();
        using var store = OnlineStore.Open(folder.Path, service);
        store.Push(source, Start, "a", 5L, FeatureValue.Missing);
        store.Push(source, Start, "a", 6L, FeatureValue.Missing);
        store.Push(source, Start.AddMinutes(1), "a", 6L, Start);
        using var reader = store.CreateReader(service);
        var row = new float[1];
        reader.Read([EntityKey.Of("a")], Start.AddMinutes(2), row);
        Assert.Equal([1f], row);
        reader.Read([EntityKey.Of("a")], Start.AddMinutes(1), row);
        Assert.Equal([2f], row);
    }

    private static WindowedView View(string name, int lateness, int kept) => new(name, Shop, Orders, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(lateness),
        Aggregate.Count(TimeSpan.FromHours(1)), Aggregate.Min("cents", TimeSpan.FromHours(1)), Aggregate.Max("cents", TimeSpan.FromHours(1)), Aggregate.Last("cents", TimeSpan.FromHours(1)))
    {
        RetractableEventsMax = kept,
    };

    private static OfflineQuery History(string rows) => OfflineQuery.Sql($"SELECT * FROM (VALUES {rows}) AS t(\"at\", shop, cents, retracts)");

    private static void Push(OnlineStore store, double minute, long cents) => store.Push(Orders, Start.AddMinutes(minute), "a", cents, 0L);

    private static void Refused(OnlineStore store, double minute, long cents, string part)
    {
        var error = Assert.Throws<MlpException>(() => store.Retract(Orders, Start.AddMinutes(5), Start.AddMinutes(minute), "a", cents, 0L));
        Assert.Equal(FeatureErrors.RetractionInvalid, error.Code);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    private static float[] Read(OnlineStore store, double minute)
    {
        using var reader = store.CreateReader(Service);
        var row = new float[4];
        reader.Read([EntityKey.Of("a")], Start.AddMinutes(minute), row);
        return row;
    }
}
