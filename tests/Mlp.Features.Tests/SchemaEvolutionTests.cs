using System.Buffers;
using Mlp.Core;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

public class SchemaEvolutionTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_schema_is_read_back_from_its_text_with_its_defaults(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 300; round++)
        {
            var schema = WithDefaults(random, RandomRows.Schema(random));
            var read = RowSchema.Parse(schema.Canonical);
            Assert.Equal(schema.Canonical, read.Canonical);
            Assert.Equal(schema.Digest, read.Digest);
            Assert.Equal(SchemaCompatibility.Identical, RowSchema.Compare(schema, read).Compatibility);
        }
    }

    [Theory]
    [InlineData("null")]
    [InlineData("")]
    [InlineData(", b: float = 1")]
    [InlineData("a,\"b\" [c] = (d)?")]
    [InlineData("Grüße, 世界")]
    public void A_default_text_is_read_back_whatever_it_is(string text)
    {
        var schema = new RowSchema(
            Column.Text("a") with { Default = text },
            Column.List("b", ColumnKind.Text) with { Default = FeatureValue.Of(new[] { text, text }) },
            Column.Category("c", "x", text + "y") with { Default = text + "y" });

        var read = RowSchema.Parse(schema.Canonical);

        Assert.Equal(schema.Canonical, read.Canonical);
        Assert.Equal(text, read.Columns[0].Default!.Value.Text);
        Assert.Equal([text, text], (string[])read.Columns[1].Default!.Value.Elements!);
        Assert.Equal(["x", text + "y"], read.Columns[2].Categories.ToArray());
    }

    [Fact]
    public void A_list_of_nothing_and_a_list_of_an_empty_text_are_two()
    {
        static RowSchema With(params string[] texts) => new(Column.List("a", ColumnKind.Text) with { Default = FeatureValue.Of(texts) });

        Assert.NotEqual(With().Digest, With("").Digest);
        Assert.Empty(RowSchema.Parse(With().Canonical).Columns[0].Default!.Value.Elements!);
        Assert.Single(RowSchema.Parse(With("").Canonical).Columns[0].Default!.Value.Elements!);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("a: int65")]
    [InlineData("a: int64, a: int64")]
    [InlineData("a: int64,b: int64")]
    [InlineData("a: int8 = 300")]
    [InlineData("a: int64 = 1.5")]
    [InlineData("a: uint64 = -1")]
    [InlineData("a: bool = True")]
    [InlineData("a: double = 1.50")]
    [InlineData("a: float[2] = [1]")]
    [InlineData("a: list<text> = [a]")]
    [InlineData("a: list<int8> = [200]")]
    [InlineData("a: timestamp = 9223372036854775807")]
    [InlineData("a: category")]
    [InlineData("a: category()")]
    [InlineData("a: category(x,x)")]
    [InlineData("a: text(x)")]
    [InlineData("1a: text")]
    public void A_text_that_is_no_schema_is_refused(string text) =>
        Assert.Throws<FormatException>(() => RowSchema.Parse(text));

    [Fact]
    public void A_default_that_does_not_fit_its_column_is_refused()
    {
        Assert.Contains("'count'", Assert.Throws<ArgumentException>(() => Column.Integer("count") with { Default = "five" }).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Column.Category("tier", "gold") with { Default = "silver" });
        Assert.Null((Column.Integer("count").Nullable() with { Default = FeatureValue.Missing }).Default);
    }

    [Fact]
    public void Every_change_of_a_column_is_said_with_what_follows_from_it()
    {
        var older = new RowSchema(Column.Integer("trips"), Column.Text("city"), Column.Float("share"), Column.Category("tier", "gold", "silver"), Column.Float("gone"));
        var newer = new RowSchema(Column.Category("tier", "gold"), Column.Text("city").Nullable(), Column.Integer("rank"), Column.Number("share"), Column.Text("trips"));

        var change = RowSchema.Compare(older, newer);

        Assert.Equal(SchemaCompatibility.Incompatible, change.Compatibility);
        Assert.Equal(
            [("tier", false), ("city", true), ("rank", false), ("share", true), ("trips", false), ("gone", false)],
            change.Columns.Select(c => (c.Column, c.IsCompatible)));
        Assert.Equal(
            """
            ~ tier: category(gold,silver) -> tier: category(gold) (older rows may have the category 'silver')
            ~ city: text -> city: text? (older values stay)
            + rank: int64 (older rows have no value for it: make it nullable or give it a default)
            ~ share: float -> share: double (every older value fits)
            ~ trips: int64 -> trips: text (older values are int64; a type can only become a wider one of its own sort)
            - gone: float (older rows would lose it: keep the column, or put rows into a new store)
            """.ReplaceLineEndings("\n"), change.ToString());
        var error = Assert.Throws<MlpException>(() => RowMigration.Of(older, newer));
        Assert.Equal(FeatureErrors.SchemaMismatch, error.Code);
        Assert.Contains(change.ToString(), error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ColumnKind.Int32, ColumnKind.Int64, true)]
    [InlineData(ColumnKind.UInt8, ColumnKind.Int16, true)]
    [InlineData(ColumnKind.UInt32, ColumnKind.Int64, true)]
    [InlineData(ColumnKind.Half, ColumnKind.Double, true)]
    [InlineData(ColumnKind.Int64, ColumnKind.Int32, false)]
    [InlineData(ColumnKind.UInt32, ColumnKind.Int32, false)]
    [InlineData(ColumnKind.UInt64, ColumnKind.Int64, false)]
    [InlineData(ColumnKind.Int8, ColumnKind.UInt64, false)]
    [InlineData(ColumnKind.Double, ColumnKind.Float, false)]
    [InlineData(ColumnKind.Int32, ColumnKind.Double, false)]
    [InlineData(ColumnKind.Bool, ColumnKind.Int8, false)]
    [InlineData(ColumnKind.Timestamp, ColumnKind.Int64, false)]
    public void A_type_may_become_a_wider_one_of_its_own_sort_and_no_other(ColumnKind older, ColumnKind newer, bool compatible)
    {
        Assert.Equal(compatible, RowSchema.Compare(new RowSchema(Column.Of("a", older)), new RowSchema(Column.Of("a", newer))).Compatibility == SchemaCompatibility.Compatible);
        Assert.Equal(SchemaCompatibility.Incompatible, RowSchema.Compare(new RowSchema(Column.List("a", older)), new RowSchema(Column.List("a", newer))).Compatibility);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_migrated_row_has_the_bytes_that_the_newer_schema_would_have_written(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 500; round++)
        {
            var older = RandomRows.Schema(random);
            var (newer, expected) = Evolve(random, older, RandomRows.Values(random, older), out var values);
            var migration = RowMigration.Of(older, newer);
            var old = Encoded(older, values);
            var fresh = new byte[migration.LengthOf(old) + 3];
            Array.Fill(fresh, (byte)0xcc);

            Assert.Equal(migration.LengthOf(old), migration.Migrate(old, fresh));
            Assert.Equal(Encoded(newer, expected), fresh[..^3]);
            Assert.Equal([0xcc, 0xcc, 0xcc], fresh[^3..]);
        }
    }

    [Fact]
    public void A_damaged_row_is_refused_and_never_anything_else()
    {
        var older = new RowSchema(Column.Text("t").Nullable(), Column.Category("c", "a", "b"), Column.List("l", ColumnKind.Int32));
        var newer = new RowSchema(Column.List("l", ColumnKind.Int32), Column.Category("c", "b", "a"), Column.Text("t") with { Default = "none" });
        var migration = RowMigration.Of(older, newer);
        var whole = Encoded(older, ["some text", "a", FeatureValue.Of(new[] { 1, 2 })]);
        var random = new Random(5);
        var refused = 0;
        for (var round = 0; round < 5000; round++)
        {
            var damaged = whole.AsSpan(0, random.Next(4) == 0 ? random.Next(whole.Length) : whole.Length).ToArray();
            for (var hits = random.Next(1, 4); hits > 0 && damaged.Length > 0; hits--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            try
            {
                migration.Migrate(damaged, new byte[migration.LengthOf(damaged)]);
            }
            catch (MlpException e)
            {
                Assert.Equal(FeatureErrors.RowInvalid, e.Code);
                refused++;
            }
        }

        Assert.True(refused > 500, $"{refused} of 5000 were refused");
        Assert.Throws<ArgumentException>(() => migration.Migrate(whole, new byte[8]));
    }

    [Fact]
    public void A_migration_allocates_nothing_a_row()
    {
        var older = new RowSchema(Column.Of("n", ColumnKind.Int32), Column.Text("t"), Column.Vector("v", 4));
        var newer = new RowSchema(Column.Text("t"), Column.Integer("n"), Column.Vector("v", 4, ColumnKind.Double), Column.Float("s") with { Default = 0.5 });
        var migration = RowMigration.Of(older, newer);
        var old = Encoded(older, [7L, "text", FeatureValue.Of(new[] { 1f, 2, 3, 4 })]);
        var fresh = new byte[migration.LengthOf(old)];
        migration.Migrate(old, fresh);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            migration.Migrate(old, fresh);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static byte[] Encoded(RowSchema schema, FeatureValue[] values)
    {
        var bytes = new ArrayBufferWriter<byte>();
        RowCodec.Encode(schema, values, bytes);
        return bytes.WrittenSpan.ToArray();
    }

    private static RowSchema WithDefaults(Random random, RowSchema schema) =>
        new(Array.ConvertAll(schema.Columns.ToArray(), c => random.Next(2) == 0 ? c : c with { Default = RandomRows.Values(random, new RowSchema(c))[0] }));

    // Columns in another order, wider, nullable, with more categories; some added. The values are what each older one becomes.
    private static (RowSchema Newer, FeatureValue[] Expected) Evolve(Random random, RowSchema older, FeatureValue[] given, out FeatureValue[] values)
    {
        values = given;
        var columns = new List<(Column Column, FeatureValue Value)>();
        for (var i = 0; i < older.Columns.Length; i++)
        {
            columns.Add(EvolveColumn(random, older.Columns[i], given[i]));
        }

        var added = RandomRows.Schema(random);
        for (var i = 0; i < added.Columns.Length; i++)
        {
            var column = Renamed(added.Columns[i], $"added{i}").Nullable();
            var value = RandomRows.Values(random, new RowSchema(column))[0];
            columns.Add((value.IsMissing ? column : column with { Default = value, IsNullable = random.Next(2) == 0 }, value));
        }

        var shuffled = columns.OrderBy(_ => random.Next()).ToArray();
        return (new RowSchema([.. shuffled.Select(c => c.Column)]), [.. shuffled.Select(c => c.Value)]);
    }

    private static (Column Column, FeatureValue Value) EvolveColumn(Random random, Column column, FeatureValue value)
    {
        var wider = column.Type.Kind switch
        {
            ColumnKind.Int8 or ColumnKind.UInt8 => ColumnKind.Int16,
            ColumnKind.Int16 or ColumnKind.Int32 or ColumnKind.UInt32 => ColumnKind.Int64,
            ColumnKind.UInt16 => ColumnKind.UInt64,
            ColumnKind.Half => ColumnKind.Float,
            ColumnKind.Float => ColumnKind.Double,
            var kind => kind,
        };
        var (evolved, becomes) = (column, value);
        if (column.Categories.Length > 0 && random.Next(2) == 0)
        {
            evolved = Column.Category(column.Name, [.. column.Categories.ToArray().Append("new").OrderBy(_ => random.Next())]) with { IsNullable = column.IsNullable };
        }
        else if (!column.Type.IsList && column.Categories.Length == 0 && random.Next(2) == 0)
        {
            evolved = new Column(column.Name, column.Type.IsScalar ? ColumnType.Of(wider) : ColumnType.VectorOf(wider, column.Type.VectorLength)) { IsNullable = column.IsNullable };
            becomes = value.Elements is { } elements ? FeatureValue.Of(Widened(elements, wider)) : NarrowestOf(column.Type.Kind, value);
        }

        if (value.IsMissing && random.Next(2) == 0)
        {
            becomes = NotMissing(random, evolved);
            return (evolved with { Default = becomes, IsNullable = false }, becomes);
        }

        return (random.Next(2) == 0 ? evolved.Nullable() : evolved, becomes);
    }

    // What the older column has kept of a number.
    private static FeatureValue NarrowestOf(ColumnKind kind, FeatureValue value) => value.IsMissing ? value : kind switch
    {
        ColumnKind.Half => (double)(Half)value.Number,
        ColumnKind.Float => (double)(float)value.Number,
        _ => value,
    };

    private static Array Widened(Array elements, ColumnKind kind) => kind switch
    {
        ColumnKind.Int16 => elements.Cast<object>().Select(e => Convert.ToInt16(e, null)).ToArray(),
        ColumnKind.Int64 => elements.Cast<object>().Select(e => Convert.ToInt64(e, null)).ToArray(),
        ColumnKind.UInt64 => elements.Cast<object>().Select(e => Convert.ToUInt64(e, null)).ToArray(),
        ColumnKind.Float => elements.Cast<object>().Select(e => e is Half half ? (float)half : (float)e).ToArray(),
        ColumnKind.Double => elements.Cast<object>().Select(e => e is float single ? (double)single : (double)e).ToArray(),
        _ => elements,
    };

    private static FeatureValue NotMissing(Random random, Column column) => RandomRows.Values(random, new RowSchema(column with { IsNullable = false }))[0];

    private static Column Renamed(Column column, string name) =>
        (column.Categories.Length > 0 ? Column.Category(name, column.Categories) : new Column(name, column.Type)) with { IsNullable = column.IsNullable };
}
