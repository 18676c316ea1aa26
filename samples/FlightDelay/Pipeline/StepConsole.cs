using System.Diagnostics;
using Spectre.Console;

namespace FlightDelay.Pipeline;

/// <summary>Shows the steps: a progress bar where there is a terminal, one plain line a step where there is none.</summary>
internal sealed class StepConsole
{
    private const int PlainWidth = 240;
    private const int TitleWidth = 17;

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
    /// <param name="title">What it does; short enough for its column.</param>
    /// <param name="work">The work; it may report how much of it is done, 0 to 1, or not a number where that can't be told.</param>
    /// <param name="summary">What came out, in a few words.</param>
    /// <param name="cancellationToken">Passed on to the work.</param>
    public async Task<T> RunAsync<T>(string title, Func<IProgress<double>, CancellationToken, Task<T>> work, Func<T, string> summary, CancellationToken cancellationToken)
    {
        Debug.Assert(title.Length < TitleWidth, "A title fits into its column.");
        var number = ++_step;
        var watch = Stopwatch.StartNew();

        // Not on this thread: while a step computes, Ctrl+C has to be heard.
        Task<T> Work(Action<double> report) => Task.Run(() => work(new Progress(report), cancellationToken), cancellationToken);
        var result = _interactive ? await WithBarAsync($"{number}/{_steps} {title}", Work) : await Work(static _ => { });
        WriteLine(number, title, summary(result), $"({watch.Elapsed.TotalSeconds:0.0} s)");
        return result;
    }

    private static Task<T> WithBarAsync<T>(string title, Func<Action<double>, Task<T>> work) =>
        AnsiConsole.Progress()
            .AutoClear(true)
            .Columns(new SpinnerColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 30 }, new ShareColumn(), new ElapsedTimeColumn())
            .StartAsync(context =>
            {
                var task = context.AddTask(Markup.Escape(title), maxValue: 1);
                task.IsIndeterminate = true;
                return work(value =>
                {
                    task.IsIndeterminate = double.IsNaN(value);
                    task.Value = double.IsNaN(value) ? 0 : value;
                });
            });

    /// <summary>What ended the demo: red where there is a terminal, and never broken into lines where there is none.</summary>
    public static void WriteError(string message)
    {
        if (AnsiConsole.Profile.Out.IsTerminal)
        {
            AnsiConsole.MarkupLineInterpolated($"[red]{message}[/]");
        }
        else
        {
            Console.WriteLine(message);
        }
    }

    // What does not fit beside the title stands below it, not broken in the middle of a figure.
    private void WriteLine(int number, string title, string summary, string time)
    {
        var head = $"{number,2}/{_steps} ";
        var below = head.Length + TitleWidth + summary.Length + 1 + time.Length > AnsiConsole.Profile.Width;
        AnsiConsole.MarkupLineInterpolated($"[green]{head}[/][bold]{(below ? title : title.PadRight(TitleWidth))}[/]{(below ? Environment.NewLine + new string(' ', head.Length) : "")}{summary} [dim]{time}[/]");
    }

    /// <summary>The percentage, of work that can tell it.</summary>
    private sealed class ShareColumn : ProgressColumn
    {
        public override Spectre.Console.Rendering.IRenderable Render(Spectre.Console.Rendering.RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(task.IsIndeterminate ? "    " : $"{task.Percentage,3:0}%");
    }

    /// <summary>Reports on the caller's thread: <see cref="System.Progress{T}"/> would post to the pool and arrive after the end.</summary>
    private sealed class Progress(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(Math.Clamp(value, 0, 1));
    }
}
