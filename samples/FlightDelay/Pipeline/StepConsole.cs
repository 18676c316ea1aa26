using System.Diagnostics;
using Spectre.Console;

namespace FlightDelay.Pipeline;

/// <summary>Shows the steps: a progress bar where there is a terminal, one plain line a step where there is none.</summary>
internal sealed class StepConsole
{
    private const int PlainWidth = 240;

    private readonly int _steps;
    private readonly bool _interactive = AnsiConsole.Profile.Capabilities.Interactive && AnsiConsole.Profile.Out.IsTerminal;
    private int _step;

    public StepConsole(int steps)
    {
        _steps = steps;
        if (!AnsiConsole.Profile.Out.IsTerminal)
        {
            // A log has no margin to break lines at.
            AnsiConsole.Profile.Width = PlainWidth;
        }
    }

    /// <summary>Runs one step.</summary>
    /// <param name="title">What it does.</param>
    /// <param name="work">The work; it may report how much of it is done, 0 to 1.</param>
    /// <param name="summary">What came out, in a few words.</param>
    public async Task<T> RunAsync<T>(string title, Func<IProgress<double>, Task<T>> work, Func<T, string> summary)
    {
        var number = ++_step;
        var watch = Stopwatch.StartNew();
        T result;
        if (_interactive)
        {
            result = await AnsiConsole.Progress()
                .AutoClear(true)
                .Columns(new SpinnerColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
                .StartAsync(async context =>
                {
                    var task = context.AddTask(Markup.Escape($"{number}/{_steps} {title}"), maxValue: 1);
                    task.IsIndeterminate = true;
                    return await work(new Progress(value =>
                    {
                        task.IsIndeterminate = false;
                        task.Value = value;
                    })).ConfigureAwait(false);
                }).ConfigureAwait(false);
        }
        else
        {
            result = await work(new Progress(static _ => { })).ConfigureAwait(false);
        }

        AnsiConsole.MarkupLineInterpolated($"[green]{number,2}/{_steps}[/] [bold]{title,-32}[/] {summary(result)} [dim]({watch.Elapsed.TotalSeconds:0.0} s)[/]");
        return result;
    }

    /// <summary>Reports on the caller's thread: <see cref="System.Progress{T}"/> would post to the pool and arrive after the end.</summary>
    private sealed class Progress(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(Math.Clamp(value, 0, 1));
    }
}
