namespace Mlp.Features.Tests.Scenarios;

/// <summary>A source before and after its definition changed in every way that files can follow, and what an older event is as a newer one: said here, nothing shared with the library.</summary>
internal static class ChangedSource
{
    public static readonly DateTime Start = new(2001, 1, 20, 0, 0, 0, DateTimeKind.Utc);
    private static readonly Entity User = new("user", "user");

    public static readonly EventSource Older = new("clicks", "known_at",
        Column.Integer("user"), Column.Of("flag", ColumnKind.Bool), Column.Of("small", ColumnKind.Int8), Column.Of("count", ColumnKind.Int32), Column.Of("unsigned", ColumnKind.UInt16),
        Column.Of("half", ColumnKind.Half), Column.Float("single"), Column.Number("price"), Column.Text("name").Nullable(), Column.Category("colour", "red", "green"),
        Column.Vector("position", 2), Column.List("words", ColumnKind.Text), Column.Integer("gone"), Column.Timestamp("seen"), Column.Float("score").Nullable());

    private static readonly (Column Column, FeatureValue Value)[] Added =
    [
        Given(Column.Of("given_half", ColumnKind.Half), 0.1),
        Given(Column.Float("given_single"), 0.1),
        Given(Column.Number("given_nan"), double.NaN),
        Given(Column.Float("given_infinite").Nullable(), double.NegativeInfinity),
        Given(Column.Number("given_integer"), 7L),
        Given(Column.Of("given_unsigned", ColumnKind.UInt64), ulong.MaxValue),
        Given(Column.Of("given_small", ColumnKind.Int8), -128L),
        Given(Column.Of("given_flag", ColumnKind.Bool), true),
        Given(Column.Text("given_text"), "it's \"new\"; --"),
        Given(Column.Category("given_category", "a", "b, c"), "b, c"),
        Given(Column.Timestamp("given_time"), new DateTime(1969, 12, 31, 23, 59, 59, 999, DateTimeKind.Utc)),
        Given(Column.Of("given_guid", ColumnKind.Guid), new Guid("f0000000-0000-0000-0000-000000000001")),
        Given(Column.Vector("given_vector", 3), FeatureValue.Of((float[])[0.1f, float.NaN, -0f])),
        Given(Column.List("given_list", ColumnKind.UInt8), FeatureValue.Of((byte[])[255, 0])),
        Given(Column.List("given_halves", ColumnKind.Half), FeatureValue.Of((Half[])[(Half)0.1, Half.NegativeInfinity])),
        Given(Column.List("given_nothing", ColumnKind.Text), FeatureValue.Of(Array.Empty<string>())),
        (Column.Text("missing").Nullable(), FeatureValue.Missing),
        (Column.Vector("missing_vector", 2).Nullable(), FeatureValue.Missing),
        (Column.Category("missing_category", "x").Nullable(), FeatureValue.Missing),
        (Column.Timestamp("created").Nullable(), FeatureValue.Missing),
    ];

    public static readonly EventSource Newer = new("clicks", "known_at",
    [
        Column.Category("colour", "green", "blue", "red"), Column.Of("unsigned", ColumnKind.Int32), Column.Integer("count"), Column.Of("small", ColumnKind.Int16), Column.Number("price"),
        Column.Number("single"), Column.Float("half"), Column.Of("flag", ColumnKind.Bool).Nullable(), Column.Text("name") with { Default = "none" }, Column.Vector("position", 2, ColumnKind.Double),
        Column.List("words", ColumnKind.Text), Column.Timestamp("seen").Nullable(), Column.Float("score") with { Default = -1.5 }, Column.Integer("user"), .. Added.Select(a => a.Column),
    ])
    {
        CreatedColumn = "created",
    };

    /// <summary>What is asked of the newer definition.</summary>
    public static readonly FeatureService Service = new("clicks", "2",
        new LatestView("latest", User, Newer, [.. Newer.Columns.ToArray().Select(c => c.Name).Where(n => n is not ("user" or "created"))]),
        new LatestView("recent", User, Newer, ["score", "colour", "given_single"], TimeSpan.FromDays(1)),
        new WindowedView("sums", User, Newer, TimeSpan.FromHours(1), TimeSpan.FromDays(1), Aggregate.Count(TimeSpan.FromDays(3)), Aggregate.Sum("count", TimeSpan.FromDays(3)), Aggregate.Mean("price", TimeSpan.FromDays(3), 0.01)),
        new WindowedView("extremes", User, Newer, TimeSpan.FromHours(1), TimeSpan.FromDays(1), Aggregate.Max("unsigned", TimeSpan.FromDays(3)), Aggregate.Min("single", TimeSpan.FromDays(3)), Aggregate.Last("given_small", TimeSpan.FromDays(9))),
        new WindowedView("sketches", User, Newer, TimeSpan.FromHours(1), TimeSpan.FromDays(1), Aggregate.Distinct("name", TimeSpan.FromDays(3)), Aggregate.Quantile("score", 0.5, TimeSpan.FromDays(3))));

    public static Column[] Staged(EventSource source) => [Column.Timestamp("known_at"), .. source.Columns];

    /// <summary>Events of a definition, time first; several at one time, some missing what may be.</summary>
    public static FeatureValue[][] Events(Random random, EventSource source, int count) => [.. Enumerable.Range(0, count).Select(_ =>
        (FeatureValue[])[Start.AddHours(random.Next(24 * 30)), .. source.Columns.ToArray().Select(c => c.Name switch
        {
            "user" => random.NextInt64(4),
            "price" or "single" or "half" => random.Next(-400, 400) / 4.0,
            "count" => random.Next(1000),
            "colour" => c.Categories[random.Next(c.Categories.Length)],
            _ => RandomRows.Value(random, c),
        })])];

    /// <summary>An older event as a newer one.</summary>
    public static FeatureValue[] Turned(FeatureValue[] older) => [older[0], .. Newer.Columns.ToArray().Select(c =>
        Array.FindIndex(Added, a => a.Column.Name == c.Name) is var added and >= 0 ? Added[added].Value
        : c.Name == "position" ? FeatureValue.Of(((float[])older[1 + Older.IndexOf("position")].Elements!).Select(e => (double)e).ToArray())
        : older[1 + Older.IndexOf(c.Name)] is { IsMissing: false } value ? value
        : c.Name == "name" ? "none"
        : c.Name == "score" ? -1.5
        : FeatureValue.Missing)];

    /// <summary>All that batches have, to the bit.</summary>
    public static List<string> Lines(IEnumerable<FeatureBatch> batches) => [.. batches.SelectMany(b => Enumerable.Range(0, b.Count).Select(i =>
        $"{b.Times[i]:O} {string.Join('|', b.Carried.ToArray().Concat(b.Features.ToArray()).Select(c => c.IsMissing(i) ? "missing" : c[i].ToString()))} {Bits(b.Rows.Slice(i * (b.Rows.Length / b.Count), b.Rows.Length / b.Count))}"))];

    public static string Bits(ReadOnlySpan<float> row) => Convert.ToHexString(System.Runtime.InteropServices.MemoryMarshal.AsBytes(row));

    private static (Column, FeatureValue) Given(Column column, FeatureValue value) => (column with { Default = value }, value);
}
