using CsCheck;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

/// <summary>Backfill equals streaming: pushes, materialisation and the offline join give the same bits, and those that the definitions say.</summary>
public class WindowEqualityTests
{
    private static readonly OnlineStoreOptions Small = new() { MemoryBytes = 32 << 20, PageBytes = 8 << 20, SegmentBytes = 8 << 20, LogBytesMax = 128 << 20, IndexBytes = 1 << 16 };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_stream_in_any_order_gives_what_the_definitions_say(bool retractable)
    {
        var world = new Trades(retractable);
        Gen.Select(Trades.Gen(120), Gen.Int[1, (int)Trades.Length.TotalSeconds].Array[3]).Sample(
            (draws, seconds) =>
            {
                using var folder = new TemporaryFolder();
                using var store = OnlineStore.Open(folder.Path, world.Service, Small);
                Stream(world, draws, Times(draws, seconds), store, (shop, time, row) => TradesOracle.Check(world, world.TradesOf(draws), shop, time, row, "streamed"));
            },
            iter: 60, threads: 1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Pushes_materialisation_and_the_offline_join_give_the_same_bits(bool retractable)
    {
        var world = new Trades(retractable);
        Gen.Select(Trades.Gen(300), Gen.Int[1, (int)Trades.Length.TotalSeconds].Array[4]).Where(g => g.Item1.Length > 0).Sample(
            (draws, seconds) =>
            {
                using var folder = new TemporaryFolder();
                var times = Times(draws, seconds);
                var requests = times.SelectMany(time => Trades.ShopNames.Select(shop => (Time: time, Shop: shop))).ToList();
                var offline = OfflineStore.Open(folder.At("offline"));
                offline.Append(world.Source, "all", world.History(world.ArrivalsOf(draws)));
                var joined = Joined(world, offline, requests);
                using (var store = OnlineStore.Open(folder.At("streamed"), world.Service, Small))
                {
                    Stream(world, draws, times, store, (shop, time, row) => SameBits(world, joined[(time, shop)], row, $"streamed, '{shop}' at {time:O}"));
                }

                using var materialised = OnlineStore.Open(folder.At("materialised"), world.Service, Small);
                using var reader = materialised.CreateReader(world.Service);
                var read = new float[world.Service.RowLength];
                foreach (var time in times)
                {
                    // In as many steps as there are times: each goes on where the one before has ended.
                    Materializer.RunAsync(offline, materialised, time).GetAwaiter().GetResult();
                    foreach (var shop in Trades.ShopNames)
                    {
                        reader.Read([EntityKey.Of(shop)], time, read);
                        SameBits(world, joined[(time, shop)], read, $"materialised, '{shop}' at {time:O}");
                        TradesOracle.Check(world, world.TradesOf(draws), shop, time, read, "materialised");
                    }
                }
            },
            iter: 6, threads: 1);
    }

    [Fact]
    public void A_coarser_and_a_finer_tile_are_as_exact()
    {
        foreach (var tile in (TimeSpan[])[TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(0.5)])
        {
            var world = new Trades(retractable: true, tile);
            Trades.Gen(60).Sample(
                draws =>
                {
                    using var folder = new TemporaryFolder();
                    using var store = OnlineStore.Open(folder.Path, world.Service, Small);
                    Stream(world, draws, Times(draws, [9000, 21600]), store, (shop, time, row) => TradesOracle.Check(world, world.TradesOf(draws), shop, time, row, $"{tile}"));
                },
                iter: 10, threads: 1);
        }
    }

    [Fact]
    public async Task Keys_may_have_the_names_of_what_a_query_counts_with()
    {
        var source = new EventSource("parts", "at", Column.Text("kind"), Column.Integer("tile"), Column.Text("tag"), Column.Number("x"));
        var entity = new Entity("part", "kind", "tile", "tag");
        var hour = TimeSpan.FromHours(1);
        WindowedView View(string name, params Aggregate[] aggregates) => new(name, entity, source, TimeSpan.FromMinutes(1), TimeSpan.Zero, aggregates);
        var service = new FeatureService("s", "1", View("simple", Aggregate.Count(hour)), View("exact", Aggregate.Max("x", hour), Aggregate.First("x", hour), Aggregate.Last("x", hour)), View("replayed", Aggregate.DecayedMean("x", hour, hour, 0.5)));
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.At("offline"));
        offline.Append(source, "all", OfflineQuery.Sql("SELECT TIMESTAMP '2026-01-01' + to_minutes(i % 2) AS \"at\", 'k' || (i % 2) AS kind, (i % 3)::BIGINT AS tile, 'same' AS tag, i::DOUBLE AS x FROM range(12) AS t(i)"));
        var asked = new EntityRows(OfflineQuery.Sql("SELECT 'k1' AS kind, 1 AS tile, 'same' AS tag, TIMESTAMP '2026-01-01 00:10:00' AS moment UNION ALL SELECT 'k3', 1, 'same', TIMESTAMP '2026-01-01 00:10:00'"), "moment");
        var batch = Assert.Single(offline.Join(service, asked));

        // Of 1 and 7, at one time.
        Assert.Equal([2f, 7f, 1f, 7f, 4f, 0f, float.NaN, float.NaN, float.NaN, float.NaN], batch.Rows.ToArray());
        using var store = OnlineStore.Open(folder.At("online"), service);
        await Materializer.RunAsync(offline, store, new DateTime(2026, 1, 1, 0, 10, 0, DateTimeKind.Utc));
        using var reader = store.CreateReader(service);
        var row = new float[5];
        reader.Read([EntityKey.Of((FeatureValue[])["k1", 1L, "same"])], new DateTime(2026, 1, 1, 0, 10, 0, DateTimeKind.Utc), row);
        Assert.Equal(batch.Rows[..5].ToArray(), row);
    }

    // Everything that has arrived when all that is known before a time has; later trades and retractions are there as well.
    private static void Stream(Trades world, Trades.Draw[] draws, List<DateTime> times, OnlineStore store, Action<string, DateTime, float[]> check)
    {
        using var reader = store.CreateReader(world.Windowed);
        var row = new float[world.Windowed.RowLength];
        var arrivals = world.ArrivalsOf(draws);
        var next = 0;
        foreach (var time in times)
        {
            while (next < arrivals.Count && arrivals[next].At <= Trades.ArrivedBy(time))
            {
                world.Push(store, arrivals[next++]);
            }

            foreach (var shop in Trades.ShopNames)
            {
                Assert.NotEqual(FeatureReadStatus.TooOld, reader.Read([EntityKey.Of(shop)], time, row));
                check(shop, time, row);
            }
        }

        Assert.Equal(0, store.TooLateCount);
    }

    // Half of them at a trade's very moment or at the end of its tile, where an error of one would show.
    private static List<DateTime> Times(Trades.Draw[] draws, int[] seconds) =>
        [.. seconds.Select(s => Trades.Start.AddSeconds(s)).Concat(draws.Take(2).Select((d, i) => Trades.Start.AddSeconds((i == 0 ? d.Second : (d.Second / 60 * 60) + 60) + Math.Max(0, d.RetractedAfter)))).Where(t => t > Trades.Start).Distinct().Order()];

    private static Dictionary<(DateTime, string), float[]> Joined(Trades world, OfflineStore offline, List<(DateTime Time, string Shop)> requests)
    {
        var rows = new Dictionary<(DateTime, string), float[]>();
        foreach (var batch in offline.Join(world.Service, Trades.Requests(requests)))
        {
            for (var i = 0; i < batch.Count; i++)
            {
                rows[(batch.Times[i], batch.Texts("shop")[i])] = batch.Rows.Slice(i * world.Service.RowLength, world.Service.RowLength).ToArray();
            }
        }

        Assert.Equal(requests.Distinct().Count(), rows.Count);
        return rows;
    }

    private static void SameBits(Trades world, float[] expected, float[] actual, string because)
    {
        for (var i = 0; i < actual.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i]) && !(float.IsNaN(expected[i]) && float.IsNaN(actual[i])))
            {
                Assert.Fail($"{because}: {world.Service.Features[i]} is {actual[i]:R}, joined it is {expected[i]:R}");
            }
        }
    }
}
