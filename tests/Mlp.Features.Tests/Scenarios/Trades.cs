using System.Globalization;
using System.Text;
using CsCheck;

namespace Mlp.Features.Tests.Scenarios;

/// <summary>Trades of a few shops, some late and some taken back: every aggregate over several windows, and random streams.</summary>
internal sealed class Trades
{
    public const int LatenessMinutes = 10;
    public const double Cent = 0.01;
    public const double Error = 0.02;
    private const int JitterSeconds = 4 * 60;
    public static readonly DateTime Start = new(1969, 12, 31, 22, 0, 0, DateTimeKind.Utc);
    public static readonly TimeSpan Length = TimeSpan.FromHours(6);
    public static readonly TimeSpan[] Windows = [TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(150)];
    public static readonly TimeSpan HalfLife = TimeSpan.FromMinutes(7);
    private static readonly string[] Shops = ["north", "south", "a shop with a name that is longer than fifteen bytes", "closed"];
    private static readonly string[] Items = ["tea", "coffee", "milk", "rye bread", ""];

    public Trades(bool retractable, TimeSpan? tile = null)
    {
        IsRetractable = retractable;
        Source = new EventSource("trades", "known_at", Column.Text("shop"), Column.Integer("units"), Column.Number("price"), Column.Text("item"), Column.Integer("retracts"))
        {
            RetractsColumn = retractable ? "retracts" : null,
        };
        Tile = tile ?? TimeSpan.FromMinutes(1);
        var shop = new Entity("shop", "shop");
        All = new WindowedView("everything", shop, Source, Tile, TimeSpan.FromMinutes(LatenessMinutes), [.. Windows.SelectMany(Aggregates)]) { RetractableEventsMax = retractable ? 4096 : 0 };
        Simple = new WindowedView("simple", shop, Source, Tile, TimeSpan.FromMinutes(LatenessMinutes),
            Aggregate.Mean("units", Windows[1]), Aggregate.Count(Windows[0]), Aggregate.Share("units", 3, Windows[2]), Aggregate.Sum("units", Windows[2]))
        {
            RetractableEventsMax = retractable ? 4096 : 0,
        };
        Exact = new WindowedView("exact", shop, Source, Tile, TimeSpan.FromMinutes(LatenessMinutes), [.. Windows.SelectMany(w => Aggregates(w).Where(a => a.Kind < AggregateKind.DecayedMean))]) { RetractableEventsMax = retractable ? 4096 : 0 };
        Last = new LatestView("newest", shop, Source, ["units"]);
        Service = new FeatureService("trades", "1", All, Simple, Exact, Last);
        Windowed = new FeatureService("windows", "1", All, Simple, Exact);
    }

    public bool IsRetractable { get; }

    public EventSource Source { get; }

    public TimeSpan Tile { get; }

    public WindowedView All { get; }

    public WindowedView Simple { get; }

    public WindowedView Exact { get; }

    public LatestView Last { get; }

    public FeatureService Service { get; }

    /// <summary>The same without the newest row, which knows nothing of a time before it.</summary>
    public FeatureService Windowed { get; }

    /// <summary>What a generator draws for one trade.</summary>
    public sealed record Draw(int Shop, int Second, long Units, double Price, int Item, int Jitter, int RetractedAfter);

    /// <summary>A trade, and when it was taken back.</summary>
    public sealed record Trade(DateTime KnownAt, string Shop, long Units, double Price, string Item, DateTime? RetractedAt);

    /// <summary>A trade or its retraction as it arrives.</summary>
    public sealed record Arrival(DateTime At, DateTime KnownAt, Trade Trade, bool IsRetraction);

    public static Gen<Draw[]> Gen(int most) => CsCheck.Gen.Select(
        CsCheck.Gen.Int[0, 2],
        CsCheck.Gen.Int[0, (int)Length.TotalSeconds - 1],
        CsCheck.Gen.OneOf(CsCheck.Gen.Long[-5, 8], CsCheck.Gen.Long[-4_000_000, 4_000_000]),
        CsCheck.Gen.OneOf(CsCheck.Gen.Double[-100, 1000], CsCheck.Gen.Const(double.NaN), CsCheck.Gen.Const(-0.0), CsCheck.Gen.Int[0, 5].Select(i => i * 0.005)),
        CsCheck.Gen.Int[0, Items.Length - 1],
        CsCheck.Gen.Select(CsCheck.Gen.Int[0, JitterSeconds], CsCheck.Gen.Int[-1000, 5 * 60]),
        static (shop, second, units, price, item, times) => new Draw(shop, second, units, price, item, times.Item1, times.Item2)).Array[0, most];

    public List<Trade> TradesOf(Draw[] draws) => [.. draws.Select(d => Start.AddSeconds(d.Second) is var at
        ? new Trade(at, Shops[d.Shop], d.Units, d.Price, Items[d.Item], IsRetractable && d.RetractedAfter >= 0 ? at.AddSeconds(d.RetractedAfter) : null) : null!)];

    /// <summary>In the order in which they come: late by up to four minutes, a retraction after its trade.</summary>
    public List<Arrival> ArrivalsOf(Draw[] draws)
    {
        var arrivals = new List<Arrival>();
        foreach (var (draw, trade) in draws.Zip(TradesOf(draws)))
        {
            var at = trade.KnownAt.AddSeconds(draw.Jitter);
            arrivals.Add(new Arrival(at, trade.KnownAt, trade, false));
            if (trade.RetractedAt is { } retracted)
            {
                arrivals.Add(new Arrival(at > retracted ? at : retracted, retracted, trade, true));
            }
        }

        return [.. arrivals.OrderBy(a => a.At).ThenBy(a => a.IsRetraction)];
    }

    /// <summary>Until when everything that is known before a time has arrived.</summary>
    public static DateTime ArrivedBy(DateTime time) => time.AddSeconds(JitterSeconds + 1);

    public static IEnumerable<EntityKey> Keys => Shops.Select(s => EntityKey.Of(s));

    public static IReadOnlyList<string> ShopNames => Shops;

    public void Push(OnlineStore store, Arrival arrival)
    {
        var trade = arrival.Trade;
        if (!arrival.IsRetraction)
        {
            store.Push(Source, trade.KnownAt, trade.Shop, trade.Units, trade.Price, trade.Item, 0L);
        }
        else if (trade.Units % 2 == 0)
        {
            store.Retract(Source, arrival.KnownAt, trade.KnownAt, trade.Shop, trade.Units, trade.Price, trade.Item, 0L);
        }
        else
        {
            // The same by the source's own column, as a replay of history has it.
            store.Push(Source, arrival.KnownAt, trade.Shop, trade.Units, trade.Price, trade.Item, Micros(trade.KnownAt));
        }
    }

    public OfflineQuery History(IEnumerable<Arrival> arrivals)
    {
        var rows = arrivals.Select(a => FormattableString.Invariant(
            $"(TIMESTAMP '{a.KnownAt:yyyy-MM-dd HH:mm:ss}', '{a.Trade.Shop}', {a.Trade.Units}::BIGINT, '{a.Trade.Price.ToString("R", CultureInfo.InvariantCulture)}'::DOUBLE, '{a.Trade.Item}', {(a.IsRetraction ? Micros(a.Trade.KnownAt) : 0)}::BIGINT)"));
        return Values("known_at, shop, units, price, item, retracts", rows);
    }

    public static EntityRows Requests(IEnumerable<(DateTime Time, string Shop)> requests) => new(Values("moment, shop",
        requests.Select(r => FormattableString.Invariant($"(TIMESTAMP '{r.Time:yyyy-MM-dd HH:mm:ss}', '{r.Shop}')"))), "moment", Column.Text("shop"));

    public static IEnumerable<Aggregate> Aggregates(TimeSpan window) =>
    [
        Aggregate.Count(window),
        Aggregate.Sum("units", window),
        Aggregate.Sum("price", window, Cent),
        Aggregate.Mean("units", window),
        Aggregate.Mean("price", window, Cent),
        Aggregate.Share("price", 100, window),
        Aggregate.Min("units", window),
        Aggregate.Min("price", window),
        Aggregate.Max("units", window),
        Aggregate.Max("price", window),
        Aggregate.First("units", window),
        Aggregate.First("price", window),
        Aggregate.Last("units", window),
        Aggregate.Last("price", window),
        Aggregate.Variance("units", window),
        Aggregate.StandardDeviation("price", window, Cent),
        Aggregate.DecayedMean("units", HalfLife, window),
        Aggregate.DecayedMean("price", HalfLife, window, Cent),
        Aggregate.Distinct("item", window, precision: 8),
        Aggregate.Distinct("units", window),
        Aggregate.Quantile("price", 0.5, window, Error),
        Aggregate.Quantile("price", 0.95, window, Error),
        Aggregate.Quantile("units", 0, window, Error),
        Aggregate.TopValues("units", 2, window),
        Aggregate.TopShares("item", 3, window),
    ];

    private static long Micros(DateTime time) => (time.Ticks - DateTime.UnixEpoch.Ticks) / 10;

    private static OfflineQuery Values(string columns, IEnumerable<string> rows) =>
        OfflineQuery.Sql(new StringBuilder("SELECT * FROM (VALUES ").AppendJoin(", ", rows).Append(") AS t(").Append(columns).Append(')').ToString());
}
