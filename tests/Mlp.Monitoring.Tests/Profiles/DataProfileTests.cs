using System.Text;
using CsCheck;
using Mlp.Core;

namespace Mlp.Monitoring.Tests.Profiles;

public class DataProfileTests
{
    private static readonly string[] Names = ["distance", "hour"];
    private static readonly byte[] Valid = DataProfileJson.Write(Profile([100, 1, 200, float.NaN, 300, 3]));

    [Fact]
    public void Columns_are_profiled_each_for_itself()
    {
        var profile = Profile([100, 1, 200, float.NaN, 300, 3]);
        Assert.Equal(3, profile.Rows);
        Assert.Equal(("distance", 3L, 0L, 200.0, 100f, 300f), (profile.Columns[0].Name, profile.Columns[0].Values, profile.Columns[0].Missing, profile.Columns[0].Mean, profile.Columns[0].Min, profile.Columns[0].Max));
        Assert.Equal(("hour", 2L, 1L, 1.0 / 3, 2.0), (profile.Columns[1].Name, profile.Columns[1].Values, profile.Columns[1].Missing, profile.Columns[1].MissingShare, profile.Columns[1].Mean));
        Assert.Equal(200f, profile.Columns[0].Distribution.Quantile(0.5));
    }

    [Fact]
    public void How_rows_are_cut_into_calls_does_not_matter() => Gen.Select(Gen.Float[-100, 100].Array[0, 2000], Gen.Int[1, 50]).Sample((values, chunk) =>
    {
        values = values[..(values.Length / 2 * 2)];
        var builder = new ProfileBuilder(Names);
        foreach (var rows in values.Chunk(2 * chunk))
        {
            builder.Add(rows);
        }

        Assert.Equal(DataProfileJson.Write(Profile(values)), DataProfileJson.Write(builder.Build()));
    }, iter: 50);

    [Fact]
    public void A_merged_profile_is_that_of_all_rows()
    {
        var random = new Random(3);
        var rows = Enumerable.Range(0, 40_000).Select(i => i % 11 == 0 ? float.NaN : random.NextSingle()).ToArray();
        var whole = Profile(rows).Columns[0];
        var merged = Profile(rows[..10_000]).Merge(Profile(rows[10_000..])).Columns[0];
        Assert.Equal((whole.Rows, whole.Missing, whole.Min, whole.Max), (merged.Rows, merged.Missing, merged.Min, merged.Max));
        Assert.Equal(whole.Mean, merged.Mean, 1e-12);
        Assert.Equal(whole.Variance, merged.Variance, 1e-12);
        Assert.InRange(DistributionDistance.KolmogorovSmirnov(whole.Distribution, merged.Distribution), 0, 0.027);
    }

    [Fact]
    public void A_builder_goes_on_without_changing_what_it_built()
    {
        var builder = new ProfileBuilder(Names);
        builder.Add([1, 2]);
        var first = builder.Build();
        builder.Add([3, 4]);
        Assert.Equal((1L, 1.0, 2L, 2.0), (first.Rows, first.Columns[0].Mean, builder.Build().Rows, builder.Build().Columns[0].Mean));
    }

    [Fact]
    public void What_was_written_is_read_back_to_the_byte()
    {
        var random = new Random(5);
        foreach (var rows in (int[])[0, 2, 100, 5_000])
        {
            var bytes = DataProfileJson.Write(Profile([.. Enumerable.Range(0, rows).Select(i => i % 2 == 1 ? float.NaN : random.NextSingle())]));
            Assert.Equal(bytes, DataProfileJson.Write(DataProfileJson.Read(bytes)));
        }
    }

    [Fact]
    public void A_file_stays_small_however_many_rows_it_stands_for() =>
        Assert.InRange(DataProfileJson.Write(Profile([.. Enumerable.Range(0, 400_000).Select(i => MathF.Sin(i))])).Length, 4_000, 20_000);

    [Theory]
    [InlineData("\"format\":1", "\"format\":9", "format 9")]
    [InlineData("\"rows\":3", "\"rows\":4", "in 4 rows")]
    [InlineData("\"missing\":1", "\"missing\":2", "in 3 rows")]
    [InlineData("\"values\":2", "\"values\":1", "a sketch of 2")]
    [InlineData("\"hour\"", "\"distance\"", "twice")]
    [InlineData("\"hour\"", "\"\"", "'name'")]
    [InlineData("\"mean\":200", "\"mean\":\"NaN\"", "not finite")]
    [InlineData("\"squaresSum\":20000", "\"squaresSum\":-1", "'squaresSum'")]
    [InlineData("\"columns\":[", "\"columns\":[],\"x\":[", "'columns'")]
    public void A_wrong_statement_is_refused_and_named(string right, string wrong, string named)
    {
        var text = Encoding.UTF8.GetString(Valid);
        Assert.Contains(right, text, StringComparison.Ordinal);
        var error = Assert.Throws<MonitoringException>(() => DataProfileJson.Read(Encoding.UTF8.GetBytes(text.Replace(right, wrong, StringComparison.Ordinal))));
        Assert.Equal(MonitoringErrors.ProfileInvalid, error.Code);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_truncation_is_a_typed_error()
    {
        for (var length = 0; length < Valid.Length; length++)
        {
            Assert.Throws<MonitoringException>(() => DataProfileJson.Read(Valid.AsSpan(0, length)));
        }
    }

    [Fact]
    public void Random_damage_is_read_or_refused_with_a_typed_error_and_nothing_else() =>
        Gen.Select(Gen.Int[0, Valid.Length - 1], Gen.Byte, Gen.Int[0, Valid.Length - 1], Gen.Byte).Sample((at, value, at2, value2) =>
        {
            var bytes = (byte[])Valid.Clone();
            bytes[at] = value;
            bytes[at2] = value2;
            try
            {
                DataProfileJson.Write(DataProfileJson.Read(bytes));
            }
            catch (MonitoringException)
            {
            }
        }, iter: 20_000);

    [Fact]
    public void Rows_that_are_not_whole_and_columns_that_are_no_columns_are_refused()
    {
        Assert.Equal(MonitoringErrors.InputInvalid, Assert.Throws<MonitoringException>(() => new ProfileBuilder(Names).Add([1, 2, 3])).Code);
        Assert.Equal(MonitoringErrors.InputInvalid, Assert.Throws<MonitoringException>(() => new ProfileBuilder([])).Code);
        Assert.Equal(MonitoringErrors.InputInvalid, Assert.Throws<MonitoringException>(() => new ProfileBuilder(["a", "a"])).Code);
        Assert.Equal(ErrorCodes.LimitReached, Assert.Throws<MonitoringException>(() => new ProfileBuilder(Names, new ProfileOptions { ColumnsMax = 1 })).Code);
    }

    [Fact]
    public void Profiles_of_other_columns_do_not_merge()
    {
        var error = Assert.Throws<MonitoringException>(() => Profile([1, 2]).Merge(new ProfileBuilder(["distance", "weekday"]).Build()));
        Assert.Equal(MonitoringErrors.ProfilesDiffer, error.Code);
        Assert.Contains("'weekday'", error.Message, StringComparison.Ordinal);
    }

    private static DataProfile Profile(float[] rows)
    {
        var builder = new ProfileBuilder(Names);
        builder.Add(rows);
        return builder.Build();
    }
}
