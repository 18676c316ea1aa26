using System.CommandLine;
using Mlp.Cli.Edge;
using Mlp.Cli.Exits;
using Mlp.Core;
using Spectre.Console;

namespace Mlp.Cli;

/// <summary>The command <c>mlp</c>: its subcommands, and what they answer with.</summary>
/// <param name="console">Where answers are written.</param>
/// <param name="errors">Where it is said what went wrong.</param>
internal sealed class MlpCommand(IAnsiConsole console, TextWriter errors)
{
    // Without a terminal there is no margin to break lines at.
    private const int PlainWidth = 160;

    /// <summary>Runs what the arguments ask for.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(string[] arguments)
    {
        if (!console.Profile.Out.IsTerminal)
        {
            console.Profile.Width = PlainWidth;
        }

        var root = new RootCommand("Machine learning inside .NET programs: looks into models.")
        {
            new Command("edge", "Models that Mlp.Edge runs.") { EdgeInspectCommand.Of(console) },
        };
        var parsed = root.Parse(arguments);
        if (parsed.Errors is [var error, ..])
        {
            await errors.WriteLineAsync($"{error.Message} See mlp --help.");
            return ExitCode.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception e) when (e is MlpException or IOException or UnauthorizedAccessException)
        {
            await errors.WriteLineAsync(e.Message);
            return ExitCode.Failed;
        }
    }
}
