using Mlp.Core;
using Xunit;

namespace Mlp.Features.Tests;

public class RowSchemaTests
{
    [Fact]
    public void Columns_lie_in_their_order_at_their_natural_alignment_behind_the_bits_of_missing_values()
    {
        var schema = new RowSchema(
            Column.Of("active", ColumnKind.Bool),
            Column.Of("share", ColumnKind.Half).Nullable(),
            Column.Text("city").Nullable(),
            Column.Integer("trips"),
            Column.Vector("embedding", 3),
            Column.Category("tier", "gold", "silver"),
            Column.Timestamp("last"),
            Column.List("tags", ColumnKind.Text));

        Assert.Equal(1, schema.NullWords);
        Assert.Equal([8, 10, 12, 24, 32, 44, 48, 56], schema.Fields.ToArray().Select(f => f.Offset));
        Assert.Equal([-1, 0, 1, -1, -1, -1, -1, -1], schema.Fields.ToArray().Select(f => f.NullBit));
        Assert.Equal([0, 1, -1, 2, 3, 6, -1, -1], schema.Fields.ToArray().Select(f => f.FirstFloat));
        Assert.Equal(64, schema.FixedBytes);
        Assert.Equal(7, schema.FloatCount);
        Assert.True(schema.HasTail);
        Assert.False(schema.IsFloats);
    }

    [Fact]
    public void Rows_of_floats_alone_are_their_floats()
    {
        var schema = new RowSchema([.. Enumerable.Range(0, 20).Select(i => Column.Float($"f{i}"))]);

        Assert.True(schema.IsFloats);
        Assert.Equal(80, schema.FixedBytes);
    }

    [Fact]
    public void A_digest_changes_with_whatever_decides_how_a_row_is_stored()
    {
        RowSchema[] schemas =
        [
            new(Column.Float("a"), Column.Float("b")),
            new(Column.Float("b"), Column.Float("a")),
            new(Column.Float("a"), Column.Float("b").Nullable()),
            new(Column.Float("a"), Column.Float("b") with { Default = 1.5 }),
            new(Column.Float("a"), Column.Vector("b", 2)),
            new(Column.Float("a"), Column.Category("b", "x", "y")),
            new(Column.Float("a"), Column.Category("b", "x,y")),
        ];

        Assert.Equal(schemas.Length, schemas.Select(s => s.Digest).Distinct().Count());
        Assert.Equal(schemas[0].Digest, new RowSchema(Column.Float("a"), Column.Float("b")).Digest);
    }

    [Fact]
    public void Every_type_is_read_back_from_its_text()
    {
        foreach (var kind in Enum.GetValues<ColumnKind>())
        {
            Assert.Equal(ColumnType.Of(kind), ColumnType.Parse(ColumnType.Of(kind).ToString()));
            if (kind != ColumnKind.Category)
            {
                Assert.Equal(ColumnType.ListOf(kind), ColumnType.Parse(ColumnType.ListOf(kind).ToString()));
            }
        }

        Assert.Equal(ColumnType.VectorOf(ColumnKind.Half, 16), ColumnType.Parse("half[16]"));
        foreach (var wrong in (string[])["", "int65", "text[3]", "float[0]", "float[-1]", "list<category>", "list<list<text>>", "float[99999]"])
        {
            Assert.Throws<FormatException>(() => ColumnType.Parse(wrong));
        }
    }

    [Fact]
    public void Keys_of_several_types_differ_and_say_what_they_are()
    {
        var guid = new Guid("00112233-4455-6677-8899-aabbccddee77");
        Assert.Equal(EntityKey.Of("SEA", "BOS"), EntityKey.Of((FeatureValue)"SEA", "BOS"));
        Assert.Equal(EntityKey.Of(7), EntityKey.Of([(FeatureValue)7L]));
        Assert.Equal(EntityKey.Of(guid), EntityKey.Of([(FeatureValue)guid]));
        Assert.Equal(guid.ToString(), EntityKey.Of(guid).ToString());
        Assert.Equal("SEA, 7", EntityKey.Of((FeatureValue)"SEA", 7L).ToString());

        EntityKey[] keys = [EntityKey.Of((FeatureValue)1L, 2L), EntityKey.Of((FeatureValue)2L, 1L), EntityKey.Of((FeatureValue)"1", 2L), EntityKey.Of((FeatureValue)guid, "a"), EntityKey.Of((FeatureValue)guid, "b")];
        Assert.Equal(keys.Length, keys.Distinct().Count());
        Assert.Throws<ArgumentException>(() => EntityKey.Of((FeatureValue)1.5, 2L));
        Assert.Throws<ArgumentException>(() => EntityKey.Of([FeatureValue.Missing]));
    }

    [Fact]
    public void An_event_may_lack_what_is_nullable_and_nothing_else()
    {
        var column = Column.Category("tier", "gold", "silver");
        Assert.Null(ColumnFit.Refusal(column.Nullable(), FeatureValue.Missing));
        Assert.Contains("'tier'", ColumnFit.Refusal(column, FeatureValue.Missing), StringComparison.Ordinal);
        Assert.Contains("gold, silver", ColumnFit.Refusal(column, "bronze"), StringComparison.Ordinal);
        Assert.Null(ColumnFit.Refusal(column, "gold"));
        Assert.Null(ColumnFit.Refusal(Column.Of("n", ColumnKind.UInt8), 255L));
        Assert.NotNull(ColumnFit.Refusal(Column.Of("n", ColumnKind.UInt8), 256L));
        Assert.NotNull(ColumnFit.Refusal(Column.Of("n", ColumnKind.UInt8), -1L));
        Assert.Null(ColumnFit.Refusal(Column.Of("n", ColumnKind.UInt64), ulong.MaxValue));
        Assert.NotNull(ColumnFit.Refusal(Column.Integer("n"), ulong.MaxValue));
        Assert.Null(ColumnFit.Refusal(Column.Vector("v", 2), FeatureValue.Of(new[] { 1f, 2f })));
        Assert.NotNull(ColumnFit.Refusal(Column.Vector("v", 2), FeatureValue.Of(new[] { 1f })));
        Assert.NotNull(ColumnFit.Refusal(Column.List("v", ColumnKind.Text), FeatureValue.Of(new[] { "a", null! })));
    }
}
