using System.Buffers;
using Mlp.Core;
using Mlp.Features.Tests.Scenarios;
using Xunit;

namespace Mlp.Features.Tests;

public class RowCodecTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_row_of_any_columns_is_read_as_it_was_written(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            var schema = RandomRows.Schema(random);
            var values = RandomRows.Values(random, schema);
            var bytes = new ArrayBufferWriter<byte>();
            Assert.Equal(RowCodec.Encode(schema, values, bytes), bytes.WrittenCount);

            var read = new FeatureValue[values.Length];
            RowCodec.Decode(schema, bytes.WrittenSpan, read);
            Assert.Equal(values.Select(v => v.ToString()), read.Select(v => v.ToString()));

            var again = new ArrayBufferWriter<byte>();
            RowCodec.Encode(schema, read, again);
            Assert.Equal(bytes.WrittenSpan, again.WrittenSpan);
        }
    }

    [Fact]
    public void Floats_of_a_row_are_its_numbers_rounded_once_and_NaN_where_they_are_missing()
    {
        var schema = new RowSchema(
            Column.Of("b", ColumnKind.Bool), Column.Integer("i"), Column.Text("t"), Column.Number("d"), Column.Vector("v", 2, ColumnKind.Half),
            Column.Category("c", "x", "y"), Column.Of("u", ColumnKind.UInt64), Column.Integer("n").Nullable(), Column.Vector("m", 2, ColumnKind.Int8).Nullable());
        var bytes = new ArrayBufferWriter<byte>();

        // Rounded through a double, this integer would become another float.
        const long Odd = (1L << 54) + (1L << 30) + 1;
        RowCodec.Encode(schema, [true, Odd, "text", 0.1, FeatureValue.Of(new[] { (Half)1.5, (Half)2 }), "y", ulong.MaxValue, FeatureValue.Missing, FeatureValue.Missing], bytes);

        var floats = new float[schema.FloatCount];
        RowCodec.WriteFloats(schema, bytes.WrittenSpan, floats);

        Assert.Equal([1, Odd, 0.1f, 1.5f, 2, 1, ulong.MaxValue, float.NaN, float.NaN, float.NaN], floats);
    }

    [Fact]
    public void Bytes_that_are_no_row_are_refused_or_read_but_never_anything_else()
    {
        var random = new Random(7);
        var schema = new RowSchema(Column.Text("t").Nullable(), Column.List("l", ColumnKind.Text), Column.List("g", ColumnKind.Guid), Column.Category("c", "a"));
        var bytes = new ArrayBufferWriter<byte>();
        RowCodec.Encode(schema, ["some text", FeatureValue.Of(new[] { "a", "b" }), FeatureValue.Of(new[] { Guid.NewGuid() }), "a"], bytes);
        var refused = 0;
        for (var round = 0; round < 5000; round++)
        {
            var damaged = bytes.WrittenSpan.ToArray().AsSpan(0, random.Next(4) == 0 ? random.Next(bytes.WrittenCount) : bytes.WrittenCount);
            for (var hits = random.Next(1, 4); hits > 0 && damaged.Length > 0; hits--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            try
            {
                RowCodec.Decode(schema, damaged, new FeatureValue[4]);
            }
            catch (MlpException e)
            {
                Assert.Equal(FeatureErrors.RowInvalid, e.Code);
                refused++;
            }
        }

        Assert.True(refused > 500, $"{refused} of 5000 were refused");
    }

    [Fact]
    public void A_row_whose_values_do_not_fit_is_refused_with_the_column()
    {
        var error = Assert.Throws<MlpException>(() => RowCodec.Encode(new RowSchema(Column.Integer("count")), ["five"], new ArrayBufferWriter<byte>()));

        Assert.Equal(FeatureErrors.RowInvalid, error.Code);
        Assert.Contains("'five' for 'count'; expected int64", error.Message, StringComparison.Ordinal);
    }
}
