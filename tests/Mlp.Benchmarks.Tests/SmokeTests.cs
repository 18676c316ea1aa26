using Mlp.Tests;

namespace Mlp.Benchmarks.Tests;

/// <summary>Runs every benchmark for a moment, as the command does. Their answers are checked; their figures mean nothing here and decide nothing.</summary>
public sealed class SmokeTests
{
    public static TheoryData<string> Names => [.. AllBenchmarks.List.Select(b => b.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_benchmark_runs_for_a_moment_and_its_answers_are_right(string name)
    {
        var run = await Command.RunAsync("dotnet", Checkout.Root, [Path.Combine(AppContext.BaseDirectory, "Mlp.Benchmarks.dll"), name, "--smoke", "--hold"]);
        Assert.True(run.ExitCode == 0, run.Output);

        // What needs a tool or a model that is not here says so; ./test brings the models where it can.
        var leftOut = run.Output.Split('\n').Where(line => line.Contains("left out:", StringComparison.Ordinal)).Select(line => line.Trim()).ToArray();
        Assert.SkipWhen(leftOut.Any(line => line.StartsWith("left out:", StringComparison.Ordinal)), string.Join(" ", leftOut));
        var figures = run.Output.Split('\n').Where(line => line.StartsWith('{')).Select(Figure.Parse).ToArray();
        Assert.NotEmpty(figures);
        Assert.All(figures, figure => Assert.Equal(name, figure.Bench));

        // Every limit of this benchmark is about a figure that it gives: a limit without one would hold by silence.
        var limits = Limits.Read(Checkout.At("benchmarks", "limits.json"));
        Assert.All(limits.Names.Where(l => l.Bench == name && !leftOut.Any(line => line.StartsWith(l.Case, StringComparison.Ordinal))), l => Assert.Contains(figures, f => f.Case == l.Case));
    }

    [Fact]
    public void Every_limit_is_about_a_benchmark_that_exists()
    {
        var limits = Limits.Read(Checkout.At("benchmarks", "limits.json"));
        Assert.All(limits.Names, l => Assert.Contains(AllBenchmarks.List, b => b.Name == l.Bench));
    }
}
