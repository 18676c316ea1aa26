using System.Globalization;
using System.Numerics;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

/// <summary>Aggregates over columns of every width, missing values included: streamed, materialised and joined, to the bit as the definitions say.</summary>
public class NarrowAggregateTests
{
    private const double Step = 0.25;
    private static readonly TimeSpan Window = TimeSpan.FromHours(3);
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly OnlineStoreOptions Small = new() { MemoryBytes = 1 << 22, PageBytes = 1 << 20, SegmentBytes = 1 << 21, IndexBytes = 1 << 12, LogBytesMax = 1 << 26 };

    [Theory]
    [InlineData(ColumnKind.Int8, false)]
    [InlineData(ColumnKind.Int8, true)]
    [InlineData(ColumnKind.Int16, false)]
    [InlineData(ColumnKind.Int16, true)]
    [InlineData(ColumnKind.Int32, false)]
    [InlineData(ColumnKind.Int32, true)]
    [InlineData(ColumnKind.Int64, false)]
    [InlineData(ColumnKind.UInt8, false)]
    [InlineData(ColumnKind.UInt8, true)]
    [InlineData(ColumnKind.UInt16, false)]
    [InlineData(ColumnKind.UInt16, true)]
    [InlineData(ColumnKind.UInt32, false)]
    [InlineData(ColumnKind.UInt32, true)]
    [InlineData(ColumnKind.Half, false)]
    [InlineData(ColumnKind.Half, true)]
    [InlineData(ColumnKind.Float, false)]
    [InlineData(ColumnKind.Float, true)]
    [InlineData(ColumnKind.Double, false)]
    [InlineData(ColumnKind.Double, true)]
    public async Task A_window_over_a_column_of_any_width_is_exact_in_all_three_ways(ColumnKind kind, bool isNullable)
    {
        var column = Column.Of("x", kind) with { IsNullable = isNullable };
        var source = new EventSource("events", "at", Column.Integer("thing"), column);
        var thing = new Entity("thing", "thing");
        double? step = column.Type.IsInteger ? null : Step;
        var service = new FeatureService("s", "1",
            new WindowedView("exact", thing, source, TimeSpan.FromMinutes(10), TimeSpan.FromHours(8), Exact(step)),
            new WindowedView("replayed", thing, source, TimeSpan.FromMinutes(10), TimeSpan.FromHours(8), [.. Exact(step), .. Sketches(column)]) { SketchItemsMax = 4096 });
        var random = new Random((int)kind + (isNullable ? 100 : 0));
        var events = Enumerable.Range(0, 150).Select(_ => (At: Start.AddSeconds(random.Next(8 * 3600)), Value: isNullable && random.Next(4) == 0 ? FeatureValue.Missing : Draw(kind, random))).ToList();
        var times = Enumerable.Range(1, 16).Select(i => Start.AddMinutes(37 * i)).ToList();
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.At("offline"));
        offline.Append(source, "all", OfflineQuery.Sql($"SELECT * FROM (VALUES {string.Join(", ", events.Select(e => FormattableString.Invariant($"(TIMESTAMP '{e.At:yyyy-MM-dd HH:mm:ss}', 1::BIGINT, {Sql(e.Value)})")))}) AS t(\"at\", thing, x)"));
        var asked = new EntityRows(OfflineQuery.Sql($"SELECT * FROM (VALUES {string.Join(", ", times.Select(t => FormattableString.Invariant($"(TIMESTAMP '{t:yyyy-MM-dd HH:mm:ss}', 1::BIGINT)")))}) AS t(moment, thing)"), "moment");
        var joined = offline.Join(service, asked).SelectMany(b => Enumerable.Range(0, b.Count).Select(i => (b.Times[i], Row: b.Rows.Slice(i * service.RowLength, service.RowLength).ToArray()))).ToDictionary(r => r.Item1, r => r.Row);
        using var streamed = OnlineStore.Open(folder.At("streamed"), service, Small);
        foreach (var one in events)
        {
            streamed.Push(source, one.At, 1L, one.Value);
        }

        using var materialised = OnlineStore.Open(folder.At("materialised"), service, Small);
        await Materializer.RunAsync(offline, materialised, Start.AddDays(1));
        foreach (var time in times)
        {
            var expected = Expected(events, kind, time);
            foreach (var row in (float[][])[joined[time], Read(streamed, service, time), Read(materialised, service, time)])
            {
                Assert.Equal(expected, row[..expected.Length]);
                Assert.Equal(expected, row[expected.Length..(2 * expected.Length)]);
                Assert.Equal(joined[time], row);
            }
        }
    }

    [Fact]
    public void A_column_that_no_aggregate_can_read_is_refused_with_what_was_expected()
    {
        foreach (var column in (Column[])[Column.Integer("x").Nullable(), Column.Of("x", ColumnKind.UInt64), Column.Of("x", ColumnKind.Bool), Column.Text("x"), Column.Vector("x", 3)])
        {
            var source = new EventSource("events", "at", Column.Integer("thing"), column);
            var error = Assert.Throws<ArgumentException>(() => new WindowedView("v", new Entity("thing", "thing"), source, TimeSpan.FromMinutes(10), TimeSpan.Zero, Aggregate.Max("x", Window)));
            Assert.Contains($"'x' of 'events', which is {column.Type}", error.Message, StringComparison.Ordinal);
            Assert.Contains("expected a number, or an integer", error.Message, StringComparison.Ordinal);
        }
    }

    private static Aggregate[] Exact(double? step) =>
    [
        Aggregate.Count(Window), Aggregate.Sum("x", Window, step), Aggregate.Mean("x", Window, step), Aggregate.Share("x", 3, Window), Aggregate.Min("x", Window), Aggregate.Max("x", Window),
        Aggregate.First("x", Window), Aggregate.Last("x", Window), Aggregate.Variance("x", Window, step), Aggregate.StandardDeviation("x", Window, step),
    ];

    private static IEnumerable<Aggregate> Sketches(Column column) =>
    [
        Aggregate.DecayedMean("x", TimeSpan.FromMinutes(30), Window, column.Type.IsInteger ? null : Step), Aggregate.Distinct("x", Window), Aggregate.Quantile("x", 0.5, Window),
        .. column.Type.IsInteger && !column.IsNullable ? (Aggregate[])[Aggregate.TopValues("x", 2, Window)] : [],
    ];

    private static FeatureValue Draw(ColumnKind kind, Random random) => kind switch
    {
        ColumnKind.Int8 => (FeatureValue)(long)random.Next(-128, 128),
        ColumnKind.Int16 => (long)random.Next(-32768, 32768),
        ColumnKind.Int32 => (long)random.NextInt64(int.MinValue, int.MaxValue),
        ColumnKind.Int64 => (long)random.NextInt64(-1L << 40, 1L << 40),
        ColumnKind.UInt8 => (long)random.Next(256),
        ColumnKind.UInt16 => (long)random.Next(65536),
        ColumnKind.UInt32 => (long)random.NextInt64(uint.MaxValue),
        _ => random.Next(20) == 0 ? double.NaN : (random.NextDouble() - 0.3) * 100,
    };

    private static string Sql(FeatureValue value) => value.IsMissing ? "NULL"
        : value.Type.IsInteger ? value.Integer.ToString(CultureInfo.InvariantCulture)
        : $"'{value.Number.ToString("R", CultureInfo.InvariantCulture)}'::DOUBLE";

    // By the definitions alone.
    private static float[] Expected(List<(DateTime At, FeatureValue Value)> events, ColumnKind kind, DateTime time)
    {
        var end = time.AddTicks(-(time.Ticks % TimeSpan.FromMinutes(10).Ticks));
        var seen = events.Where(e => e.At < end && e.At >= end - Window).ToList();
        var isInteger = kind is not (ColumnKind.Half or ColumnKind.Float or ColumnKind.Double);
        var present = seen.Where(e => !e.Value.IsMissing)
            .Select(e => (e.At, X: kind == ColumnKind.Half ? (double)(Half)e.Value.Number : kind == ColumnKind.Float ? (float)e.Value.Number : e.Value.Number))
            .Where(e => !double.IsNaN(e.X)).OrderBy(e => e.At).ThenBy(e => e.X).ToList();
        var step = isInteger ? 1 : Step;
        var steps = present.Select(e => (BigInteger)Math.Round(e.X / step, MidpointRounding.ToEven)).ToList();
        var sum = steps.Aggregate(BigInteger.Zero, (a, b) => a + b);
        var squares = steps.Aggregate(BigInteger.Zero, (a, b) => a + (b * b));
        double n = present.Count;
        var variance = (double)((present.Count * squares) - (sum * sum)) / (n * n) * (step * step);
        return n == 0
            ? [seen.Count, 0, float.NaN, float.NaN, float.NaN, float.NaN, float.NaN, float.NaN, float.NaN, float.NaN]
            : [seen.Count, isInteger ? (long)sum : (float)((double)sum * step), (float)((double)sum / n * step), (float)(present.Count(e => e.X > 3) / n), (float)present.Min(e => e.X), (float)present.Max(e => e.X), (float)present[0].X, (float)present[^1].X, (float)variance, (float)Math.Sqrt(variance)];
    }

    private static float[] Read(OnlineStore store, FeatureService service, DateTime time)
    {
        using var reader = store.CreateReader(service);
        var row = new float[service.RowLength];
        reader.Read([EntityKey.Of(1)], time, row);
        return row;
    }
}
