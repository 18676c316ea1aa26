using System.Text;
using CsCheck;
using Mlp.Core;

namespace Mlp.Monitoring.Tests.Evaluation;

public class EvaluationReportTests
{
    private static readonly EvaluationReport Sample = SlicedEvaluation.Report(
        [0.1f, 0.9f, 0.4f, 0.6f, 0.2f],
        [false, true, true, false, true],
        [new SliceColumn("origin_size", ["large", "large", "small", "small", "one \"flight\""]), new SliceColumn("hour", ["06", "18", "06", "18", "06"])]);

    private static readonly byte[] Valid = EvaluationReportJson.Write(Sample);

    [Fact]
    public void Slices_come_in_the_order_of_columns_and_values_with_their_own_metrics()
    {
        Assert.Equal(["origin_size=large", "origin_size=one \"flight\"", "origin_size=small", "hour=06", "hour=18"], Sample.Slices.Select(s => $"{s.Name}={s.Value}"));
        Assert.Equal(BinaryEvaluation.Of([0.1f, 0.9f], [false, true]).Metrics, Sample.Slices[0].Metrics);
        Assert.Equal(double.NaN, Sample.Slices[1].Metrics[MetricNames.Auc]);
        Assert.Equal(5, Sample.Slices.Take(3).Sum(s => s.Rows));
    }

    [Fact]
    public void What_was_written_is_read_back_nan_included()
    {
        var read = EvaluationReportJson.Read(Valid);
        Assert.Equal(Sample.Rows, read.Rows);
        Assert.Equal(Sample.Metrics, read.Metrics);
        Assert.Equal(double.NaN, read.Slices[1].Metrics[MetricNames.Auc]);
        Assert.Equal(Valid, EvaluationReportJson.Write(read));
    }

    [Fact]
    public void Every_double_survives_to_the_bit() => Gen.Double.Sample(value =>
    {
        var report = Sample with { Metrics = new Dictionary<string, double> { ["m"] = value } };
        Assert.Equal(BitConverter.DoubleToInt64Bits(double.IsNaN(value) ? double.NaN : value), BitConverter.DoubleToInt64Bits(EvaluationReportJson.Read(EvaluationReportJson.Write(report)).Metrics["m"]));
    });

    [Fact]
    public void The_bytes_do_not_depend_on_the_order_of_the_metrics()
    {
        var reversed = Sample with { Metrics = new Dictionary<string, double>(Sample.Metrics.Reverse()) };
        Assert.Equal(Valid, EvaluationReportJson.Write(reversed));
    }

    [Fact]
    public void Unknown_properties_are_skipped()
    {
        var text = Encoding.UTF8.GetString(Valid).Replace("\"rows\": 5", "\"future\": [{\"a\": null}], \"rows\": 5", StringComparison.Ordinal);
        Assert.Equal(5, EvaluationReportJson.Read(Encoding.UTF8.GetBytes(text)).Rows);
    }

    [Theory]
    [InlineData("\"format\": 1", "\"format\": 2", "format 2")]
    [InlineData("\"format\": 1,", "", "'format'")]
    [InlineData("\"rows\": 5", "\"rows\": -5", "'rows'")]
    [InlineData("\"rows\": 5", "\"rows\": 5.5", "64-bit integer")]
    [InlineData("\"NaN\"", "\"nan\"", "\"NaN\"")]
    [InlineData("\"NaN\"", "1e999", "range")]
    [InlineData("\"NaN\"", "null", "Null")]
    [InlineData("\"accuracy\"", "\"auc\"", "twice")]
    [InlineData("\"origin_size\"", "\"\"", "'name'")]
    public void A_wrong_statement_is_refused_and_named(string right, string wrong, string named)
    {
        var text = Encoding.UTF8.GetString(Valid);
        Assert.Contains(right, text, StringComparison.Ordinal);
        var error = Assert.Throws<MonitoringException>(() => EvaluationReportJson.Read(Encoding.UTF8.GetBytes(text.Replace(right, wrong, StringComparison.Ordinal)), path: "a/evaluation.json"));
        Assert.Equal(MonitoringErrors.EvaluationInvalid, error.Code);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("a/evaluation.json", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_truncation_is_a_typed_error()
    {
        for (var length = 0; length < Valid.Length - 1; length++)
        {
            Assert.Throws<MonitoringException>(() => EvaluationReportJson.Read(Valid.AsSpan(0, length)));
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
                EvaluationReportJson.Read(bytes);
            }
            catch (MonitoringException)
            {
            }
        }, iter: 20_000);

    [Fact]
    public void Sizes_beyond_the_limits_are_refused()
    {
        Assert.Contains("more than", Assert.Throws<MonitoringException>(() => EvaluationReportJson.Read(Valid, new MonitoringLimits { ListEntriesMax = 4 })).Message, StringComparison.Ordinal);
        Assert.Contains("more than", Assert.Throws<MonitoringException>(() => EvaluationReportJson.Read(Valid, new MonitoringLimits { FileBytesMax = 100 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_slice_column_of_another_length_or_with_too_many_values_is_refused()
    {
        Assert.Equal(MonitoringErrors.InputInvalid, Assert.Throws<MonitoringException>(() => SlicedEvaluation.Report([0.5f], [true], [new SliceColumn("s", [])])).Code);
        var error = Assert.Throws<MonitoringException>(() => SlicedEvaluation.Report([0.5f, 0.5f], [true, false], [new SliceColumn("s", ["a", "b"])], new BinaryEvaluationOptions { SliceValuesMax = 1 }));
        Assert.Equal(ErrorCodes.LimitReached, error.Code);
    }
}
