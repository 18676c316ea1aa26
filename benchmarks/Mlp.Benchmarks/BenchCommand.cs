using System.Globalization;

namespace Mlp.Benchmarks;

/// <summary>The command line of <c>./bench</c>.</summary>
internal static class BenchCommand
{
    private static readonly string[] Switches = ["--quick", "--smoke", "--hold", "--readme", "--list"];

    /// <summary>Runs it.</summary>
    /// <returns>0; 1 where an answer was wrong or, with <c>--hold</c>, a limit is broken; 2 for a command line that is none.</returns>
    public static int Run(IReadOnlyList<string> arguments, string root, TextWriter output, TextWriter error)
    {
        var names = arguments.Where(a => !a.StartsWith("--", StringComparison.Ordinal)).ToArray();
        var unknown = arguments.FirstOrDefault(a => a.StartsWith("--", StringComparison.Ordinal) ? !Switches.Contains(a) : AllBenchmarks.List.All(b => b.Name != a));
        if (unknown is not null)
        {
            error.WriteLine($"'{unknown}' is no benchmark and no option; there are {string.Join(", ", AllBenchmarks.List.Select(b => b.Name).Concat(Switches))}.");
            return 2;
        }

        if (arguments.Contains("--list"))
        {
            foreach (var benchmark in AllBenchmarks.List)
            {
                output.WriteLine(benchmark.Name);
            }

            return 0;
        }

        var readme = arguments.Contains("--readme");
        var status = readme && names.Length == 0 ? 0 : Measure(arguments, names, root, output, error);
        return readme && status == 0 ? WriteReadme(root, output, error) : status;
    }

    private static int Measure(IReadOnlyList<string> arguments, string[] names, string root, TextWriter output, TextWriter error)
    {
        // Without a name all run, and quickly.
        var effort = arguments.Contains("--smoke") ? Effort.Smoke : arguments.Contains("--quick") || names.Length == 0 ? Effort.Quick : Effort.Full;
        var limits = Limits.Read(Path.Combine(root, "benchmarks", "limits.json"));
        var broken = false;
        foreach (var benchmark in AllBenchmarks.List.Where(b => names.Length == 0 || names.Contains(b.Name)))
        {
            output.WriteLine($"{benchmark.Name} ({effort.Name}): {benchmark.Settings}");
            IReadOnlyList<Figure> figures;
            try
            {
                figures = benchmark.Run(effort, line => output.WriteLine($"  {line}"));
            }
            catch (WrongAnswerException e)
            {
                error.WriteLine($"{benchmark.Name}: wrong answer: {e.Message}");
                return 1;
            }

            foreach (var figure in figures)
            {
                broken |= effort != Effort.Smoke && limits.IsBroken(figure);
                output.WriteLine(Describe(figure, limits, effort));
                output.WriteLine(figure.ToLine());
            }

            if (effort == Effort.Full)
            {
                ResultFiles.Write(Path.Combine(root, "artifacts", "bench"), benchmark.Name, figures);
            }
        }

        return broken && arguments.Contains("--hold") ? 1 : 0;
    }

    private static string Describe(Figure figure, Limits limits, Effort effort)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"  {figure.Case}: {figure.Ours} {figure.Unit} (least {figure.OursMin}); {figure.Peer} {figure.Theirs} {figure.Unit} (least {figure.TheirsMin}); ratio {figure.Ratio}");
        return limits.Of(figure) is not { } limit || effort == Effort.Smoke ? text
            : string.Create(CultureInfo.InvariantCulture, $"{text}{(limits.IsBroken(figure) ? $"  <== FALLS SHORT of the limit {limit}" : $", limit {limit}")}");
    }

    private static int WriteReadme(string root, TextWriter output, TextWriter error)
    {
        var figures = ResultFiles.ReadAll(Path.Combine(root, "artifacts", "bench"));
        if (figures.Count == 0)
        {
            error.WriteLine($"There is nothing in artifacts/bench: run ./bench {string.Join(' ', AllBenchmarks.List.Select(b => b.Name))} first.");
            return 1;
        }

        var path = Path.Combine(root, "README.md");
        File.WriteAllText(path, ReadmeTable.Rewrite(File.ReadAllText(path), figures));
        output.WriteLine($"README.md: a table of {figures.Count} figures.");
        return 0;
    }
}
