using CsCheck;
using Mlp.Core;

namespace Mlp.Features.Tests;

/// <summary>Sketches within their stated bounds, and the same however their events are cut into parts.</summary>
public class SketchTests
{
    private static readonly EventSource Visits = new("visits", "at", Column.Integer("site"), Column.Integer("user"), Column.Number("seconds"), Column.Text("page"));
    private static readonly Entity Site = new("site", "site");
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Theory]
    [InlineData(6)]
    [InlineData(10)]
    [InlineData(14)]
    public void A_count_of_distinct_values_is_within_four_standard_errors(int precision)
    {
        var registers = new byte[1 << precision];
        var next = 1;
        for (var n = 1; n <= 1_000_000; n = (n * 3) + 1)
        {
            for (; next <= n; next++)
            {
                var key = HyperLogLog.Key(next * 7919L, precision);
                registers[HyperLogLog.Register(key)] = Math.Max(registers[HyperLogLog.Register(key)], HyperLogLog.RankOf(key));
            }

            var allowed = Math.Max(1.5, 4 * 1.04 / Math.Sqrt(registers.Length) * n);
            Assert.InRange(HyperLogLog.Estimate(registers), n - allowed, n + allowed);
        }

        Assert.Equal(0, HyperLogLog.Estimate(new byte[1 << precision]));
    }

    [Fact]
    public void A_bins_middle_is_within_its_relative_error_and_bins_are_ordered_as_values_are() =>
        Gen.Select(Gen.Double.Where(v => !double.IsNaN(v)), Gen.Double.Where(v => !double.IsNaN(v)), Gen.Double[0.0005, 0.25]).Sample((a, b, error) =>
        {
            var bits = RelativeBins.Bits(error);
            Assert.True(RelativeBins.ErrorOf(bits) <= error);
            Assert.True(bits == 1 || RelativeBins.ErrorOf(bits - 1) > error);
            var (low, high) = (RelativeBins.Key(Math.Min(a, b), bits), RelativeBins.Key(Math.Max(a, b), bits));
            Assert.True(low <= high);
            var middle = RelativeBins.Middle(RelativeBins.Key(a, bits), bits);
            Assert.True(middle == a || Math.Abs(a) < 3e-308 || Math.Abs(middle - a) <= error * Math.Abs(a), $"{a:R} is in the bin of {middle:R}");
        });

    [Fact]
    public void A_half_lifes_weights_are_powers_of_two_to_half_of_their_last_bit() =>
        Gen.Int[1, 5000].Sample(tiles =>
        {
            var weights = HalfLife.Weights(tiles);
            for (var phase = 0; phase < tiles; phase += 1 + (tiles / 50))
            {
                Assert.True(Math.Abs(weights[phase] - (Math.Pow(2, (double)phase / tiles) * (1 << 30))) < 0.51, $"{phase} of {tiles}");
            }
        });

    [Fact]
    public void Parts_that_are_merged_give_the_bits_of_the_whole()
    {
        // The same events in tiles of ten seconds and in one tile of a day: the one is merged from hundreds of blocks, the other is one.
        using var folder = new TemporaryFolder();
        WindowedView parts = View("parts", TimeSpan.FromSeconds(10)), whole = View("whole", Day);
        var service = new FeatureService("s", "1", parts, whole);
        var options = new OnlineStoreOptions { MemoryBytes = 64 << 20, PageBytes = 16 << 20, SegmentBytes = 16 << 20, LogBytesMax = 1L << 30 };
        using var store = OnlineStore.Open(folder.Path, options, parts, whole);
        var random = new Random(3);
        for (var i = 0; i < 6000; i++)
        {
            store.Push(Visits, Start.AddSeconds(random.Next(86_400)), 1L, (long)random.Next(2500), Math.Exp(random.NextDouble() * 12) - 3, $"page {Math.Min(random.Next(40), random.Next(40))}");
        }

        using var reader = store.CreateReader(service);
        var row = new float[service.RowLength];
        Assert.Equal(FeatureReadStatus.Complete, reader.Read([EntityKey.Of(1)], Start + Day, row));
        Assert.Equal(row[..(row.Length / 2)], row[(row.Length / 2)..]);
        Assert.InRange(row[0], 2000, 2500);
    }

    [Fact]
    public void Sketches_that_would_hold_more_than_they_may_refuse_an_event_by_the_limits_name()
    {
        using var folder = new TemporaryFolder();
        var view = new WindowedView("v", Site, Visits, TimeSpan.FromMinutes(1), TimeSpan.Zero, Aggregate.TopValues("user", 1, TimeSpan.FromMinutes(10))) { SketchItemsMax = 100 };
        var service = new FeatureService("s", "1", view);
        using var store = OnlineStore.Open(folder.Path, service);
        var user = 0L;
        var error = Assert.Throws<MlpException>(() =>
        {
            while (user < 1000)
            {
                store.Push(Visits, Start, 1L, user++, 1.0, "x");
            }
        });
        Assert.Equal(ErrorCodes.LimitReached, error.Code);
        Assert.Contains(nameof(WindowedView.SketchItemsMax), error.Message, StringComparison.Ordinal);
        Assert.Contains("site '1'", error.Message, StringComparison.Ordinal);
        Assert.InRange(user, 51, 102);

        // What no window needs any more makes room.
        store.Push(Visits, Start.AddMinutes(30), 1L, 5L, 1.0, "x");
        using var reader = store.CreateReader(service);
        var row = new float[1];
        reader.Read([EntityKey.Of(1)], Start.AddMinutes(31), row);
        Assert.Equal([5f], row);
    }

    [Fact]
    public void A_texts_category_code_is_what_a_top_value_of_it_is()
    {
        using var folder = new TemporaryFolder();
        var view = new WindowedView("v", Site, Visits, TimeSpan.FromMinutes(1), TimeSpan.Zero, Aggregate.TopValues("page", 2, TimeSpan.FromHours(1)));
        var service = new FeatureService("s", "1", view);
        Assert.Equal(["v.top_page_1h_1", "v.top_page_1h_2"], service.Features.ToArray());
        using var store = OnlineStore.Open(folder.Path, service);
        foreach (var page in (string[])["home", "cart", "home"])
        {
            store.Push(Visits, Start, 1L, 1L, 1.0, page);
        }

        using var reader = store.CreateReader(service);
        var row = new float[2];
        reader.Read([EntityKey.Of(1)], Start.AddMinutes(1), row);
        Assert.Equal([CategoryCode.Of("home"), CategoryCode.Of("cart")], row);
        Assert.Equal(Enumerable.Range(0, 3000).Count(), Enumerable.Range(0, 3000).Select(i => CategoryCode.Hash($"text {i}")).Distinct().Count());
    }

    private static WindowedView View(string name, TimeSpan tile) => new(name, Site, Visits, tile, Day,
        Aggregate.Distinct("user", Day), Aggregate.Distinct("page", Day, 6), Aggregate.Quantile("seconds", 0.5, Day), Aggregate.Quantile("seconds", 0.99, Day, 0.001), Aggregate.TopValues("page", 5, Day), Aggregate.TopShares("user", 2, Day))
    {
        SketchItemsMax = 1 << 19,
    };
}
