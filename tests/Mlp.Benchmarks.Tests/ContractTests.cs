using System.Text.Json;

namespace Mlp.Benchmarks.Tests;

public sealed class ContractTests
{
    private static readonly Figure Sample = Figure.OfCost("a.b", "1 row", new Pair(0.5, 2, 0.25, 1), "peer 1.0", "us");

    [Fact]
    public void A_line_has_the_fields_of_the_contract_in_their_order()
    {
        using var json = JsonDocument.Parse(Sample.ToLine());
        Assert.Equal(["bench", "case", "ours", "peer", "theirs", "unit", "ratio", "ours_min", "theirs_min", "machine"], json.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.Equal(Sample, Figure.Parse(Sample.ToLine()));
        Assert.Matches("^[0-9]+c [A-Za-z0-9-]+$", Sample.Machine);
    }

    [Fact]
    public void A_ratio_below_one_is_better_than_the_peer() => Assert.Equal(0.25, Sample.Ratio);

    [Fact]
    public void The_ratio_of_allocations_is_the_bytes_themselves()
    {
        var figure = Figure.OfAllocation("a.b", "bytes", 32);
        Assert.Equal((32d, 0d, "target", 32d), (figure.Ours, figure.Theirs, figure.Peer, figure.Ratio));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void What_is_no_number_is_no_figure(double value) =>
        Assert.Throws<ArgumentException>(() => Figure.OfAllocation("a.b", "bytes", value));

    [Fact]
    public void The_median_is_the_middle_or_the_mean_of_the_two_middle_ones()
    {
        Assert.Equal(2, SideBySide.Median([9, 1, 2]));
        Assert.Equal(2.5, SideBySide.Median([9, 1, 2, 3]));
    }

    [Fact]
    public void Ours_and_the_peers_take_turns()
    {
        var order = new List<char>();
        SideBySide.Measure(Effort.Smoke, _ => Turn('a'), _ => Turn('b'), 1);
        var last = string.Concat(order.TakeLast(2 * Effort.Smoke.Pairs));
        Assert.Equal(string.Concat(Enumerable.Repeat("ab", Effort.Smoke.Pairs)), last);

        void Turn(char who)
        {
            // Long enough that one call fills a sample, so that a turn is one call.
            var until = System.Diagnostics.Stopwatch.GetTimestamp() + (System.Diagnostics.Stopwatch.Frequency / 500);
            while (System.Diagnostics.Stopwatch.GetTimestamp() < until)
            {
            }

            order.Add(who);
        }
    }

    [Fact]
    public void Fewer_than_seven_pairs_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SideBySide.Measure(Effort.Smoke with { Pairs = 6 }, _ => { }, _ => { }, 1));

    [Fact]
    public void A_figure_above_its_limit_falls_short_and_one_without_a_limit_never_does() => InFolder(folder =>
    {
        var path = Path.Combine(folder, "limits.json");
        File.WriteAllText(path, """{ "a.b": { "1 row": 0.2, "bytes": 0 } }""");
        var limits = Limits.Read(path);
        Assert.True(limits.IsBroken(Sample));
        Assert.False(limits.IsBroken(Sample with { Ratio = 0.2 }));
        Assert.False(limits.IsBroken(Sample with { Case = "another" }));
        Assert.False(limits.IsBroken(Figure.OfAllocation("a.b", "bytes", 0)));
        Assert.True(limits.IsBroken(Figure.OfAllocation("a.b", "bytes", 1)));
    });

    [Fact]
    public void The_table_is_made_of_what_was_written_and_leaves_the_rest_of_the_page_alone() => InFolder(folder =>
    {
        ResultFiles.Write(folder, "a.b", [Sample, Figure.OfAllocation("a.b", "bytes a read", 0)]);
        ResultFiles.Write(folder, "a.b", [Sample, Figure.OfAllocation("a.b", "bytes a read", 0)]);
        var page = ReadmeTable.Rewrite($"Above\n{ReadmeTable.Begin}\nold\n{ReadmeTable.End}\nBelow\n", ResultFiles.ReadAll(folder));
        Assert.StartsWith($"Above\n{ReadmeTable.Begin}\n| benchmark |", page, StringComparison.Ordinal);
        Assert.Contains("| `a.b` | 1 row | 0.5 us | peer 1.0: 2 us | 0.25 |\n| `a.b` | bytes a read | 0 B | target 0 B | 0 |\n", page, StringComparison.Ordinal);
        Assert.DoesNotContain("old", page, StringComparison.Ordinal);
        Assert.EndsWith($"{ReadmeTable.End}\nBelow\n", page, StringComparison.Ordinal);
        Assert.Equal(page, ReadmeTable.Rewrite(page, ResultFiles.ReadAll(folder)));
    });

    [Fact]
    public void A_page_without_marks_is_refused() =>
        Assert.Throws<FormatException>(() => ReadmeTable.Rewrite("no marks", [Sample]));

    [Theory]
    [InlineData("no.such")]
    [InlineData("--no-such")]
    public void An_unknown_name_or_option_is_refused_with_what_there_is(string argument)
    {
        using var error = new StringWriter();
        Assert.Equal(2, BenchCommand.Run([argument], "", TextWriter.Null, error));
        Assert.Contains("edge.small, features.get", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_of_nothing_is_refused() => InFolder(folder =>
        Assert.Equal(1, BenchCommand.Run(["--readme"], folder, TextWriter.Null, TextWriter.Null)));

    private static void InFolder(Action<string> test)
    {
        var folder = Directory.CreateTempSubdirectory("mlp-bench-tests-").FullName;
        try
        {
            test(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
