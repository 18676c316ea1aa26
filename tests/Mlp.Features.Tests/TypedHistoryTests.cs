using System.Globalization;
using Mlp.Core;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

public class TypedHistoryTests
{
    private static readonly DateTime Start = new(2001, 1, 20, 0, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData(1, DatePartition.Month)]
    [InlineData(2, DatePartition.Day)]
    [InlineData(3, DatePartition.None)]
    [InlineData(4, DatePartition.Month)]
    [InlineData(5, DatePartition.Day)]
    public async Task Rows_of_every_type_of_column_come_back_as_they_were(int seed, DatePartition partition)
    {
        using var folder = new TemporaryFolder();
        var random = new Random(seed);
        var columns = RandomRows.Schema(random).Columns.ToArray();
        var source = new EventSource("things", "known_at", [Column.Integer("id"), .. columns]);
        var offline = OfflineStore.Open(folder.Path, new OfflineStoreOptions { Partition = partition, BatchRows = 7 });
        var rows = Enumerable.Range(0, 40).Select(i => (FeatureValue[])[Start.AddHours(i * 11), (long)i, .. columns.Select(c => RandomRows.Value(random, c))]).ToArray();
        using (var staged = await offline.StageAsync([Column.Timestamp("known_at"), .. source.Columns.ToArray()], AsyncRows.Of(rows)))
        {
            Assert.Equal(rows.Length, staged.Count);
            Assert.Equal(rows.Length, offline.Append(source, "all", staged.Query));
        }

        var at = 0;
        foreach (var batch in offline.Replay(source, DateTime.MinValue, DateTime.MaxValue))
        {
            for (var row = 0; row < batch.Count; row++, at++)
            {
                Assert.Equal(rows[at][0].Time, batch.Times[row]);
                for (var c = 0; c <= columns.Length; c++)
                {
                    var column = batch.Carried[c];
                    Assert.True(Same(rows[at][c + 1], column[row]), $"{column.Name} ({column.Column.Type}): {column[row]}, expected {rows[at][c + 1]}");
                }
            }
        }

        Assert.Equal(rows.Length, at);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.At("spill")));
    }

    // A row's bytes say it all: what is equal there is equal in the online store.
    private static bool Same(FeatureValue expected, FeatureValue actual) => expected.IsMissing ? actual.IsMissing : !actual.IsMissing && expected.ToString() == actual.ToString();

    [Theory]
    [InlineData("flag", "NULL", "'flag'")]
    [InlineData("colour", "'blue'", "one of red, green")]
    [InlineData("position", "[1.0, 2.0]", "float[3]")]
    [InlineData("position", "[1.0, NULL, 2.0]", "float[3]")]
    [InlineData("words", "['a', NULL]", "list<text>")]
    [InlineData("seen", "TIMESTAMP '12001-01-01'", "years 1 to 9999")]
    [InlineData("seen", "'infinity'::TIMESTAMP", "years 1 to 9999")]
    public void A_value_that_a_column_cannot_have_is_refused_with_what_was_expected(string column, string value, string expected)
    {
        using var folder = new TemporaryFolder();
        var source = new EventSource("things", "known_at", Column.Of("flag", ColumnKind.Bool), Column.Category("colour", "red", "green").Nullable(), Column.Vector("position", 3).Nullable(), Column.List("words", ColumnKind.Text), Column.Timestamp("seen"));
        var offline = OfflineStore.Open(folder.Path);
        string Events(string column, string value) => $"SELECT TIMESTAMP '2001-01-01' AS known_at, {string.Join(", ", new (string Name, string Value)[] { ("flag", "true"), ("colour", "NULL"), ("position", "[1, 2, 3]"), ("words", "[]"), ("seen", "TIMESTAMP '2001-01-01'") }.Select(c => $"{(c.Name == column ? value : c.Value)} AS {c.Name}"))}";
        Assert.Equal(1, offline.Append(source, "good", OfflineQuery.Sql(Events("", ""))));
        var error = Assert.Throws<MlpException>(() => offline.Append(source, "bad", OfflineQuery.Sql(Events(column, value))));
        Assert.Equal(FeatureErrors.EventInvalid, error.Code);
        Assert.Contains($"'{column}'", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal(1, offline.RowsOf(source));
    }

    [Theory]
    [InlineData("65519.99", ColumnKind.Half)]
    [InlineData("65520", ColumnKind.Half)]
    [InlineData("0.1", ColumnKind.Half)]
    [InlineData("0.00048840045928955078125", ColumnKind.Half)] // a double that rounds otherwise by way of a float
    [InlineData("2049.0000000001", ColumnKind.Half)]
    [InlineData("5.9604644775390625e-8", ColumnKind.Half)]
    [InlineData("1e300", ColumnKind.Float)]
    [InlineData("-1e300", ColumnKind.Float)]
    [InlineData("0.1", ColumnKind.Float)]
    [InlineData("nan", ColumnKind.Half)]
    [InlineData("nan", ColumnKind.Float)]
    [InlineData("inf", ColumnKind.Half)]
    public void A_number_is_rounded_once_to_its_columns_width(string text, ColumnKind kind)
    {
        using var folder = new TemporaryFolder();
        var source = new EventSource("things", "known_at", Column.Of("x", kind), Column.List("xs", kind));
        var offline = OfflineStore.Open(folder.Path);
        offline.Append(source, "b", OfflineQuery.Sql($"SELECT TIMESTAMP '2001-01-01' AS known_at, '{text}'::DOUBLE AS x, ['{text}'::DOUBLE] AS xs"));
        var value = text switch { "nan" => double.NaN, "inf" => double.PositiveInfinity, _ => double.Parse(text, CultureInfo.InvariantCulture) };
        var batch = Assert.Single(offline.Replay(source, DateTime.MinValue, DateTime.MaxValue));
        var expected = kind == ColumnKind.Half ? (double)(Half)value : (float)value;
        Assert.Equal(expected, batch["x"][0].Number);
        Assert.Equal(expected, kind == ColumnKind.Half ? (double)batch["xs"].Values<Half>()[0] : batch["xs"].Values<float>()[0]);
    }

    [Theory]
    [InlineData((1L << 60) + (1L << 36) + 1)]
    [InlineData(16777217L)]
    public void An_integer_becomes_a_float_without_being_a_double_in_between(long value)
    {
        using var folder = new TemporaryFolder();
        var source = new EventSource("things", "known_at", Column.Float("x"));
        var offline = OfflineStore.Open(folder.Path);
        offline.Append(source, "b", OfflineQuery.Sql($"SELECT TIMESTAMP '2001-01-01' AS known_at, {value} AS x"));
        Assert.Equal((float)value, Assert.Single(offline.Replay(source, DateTime.MinValue, DateTime.MaxValue))["x"].Values<float>()[0]);
    }
}
