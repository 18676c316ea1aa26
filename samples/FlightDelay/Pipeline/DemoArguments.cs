using System.CommandLine;
using System.Globalization;
using System.Net;

namespace FlightDelay.Pipeline;

/// <summary>The command line: what can be asked for, and what is wrong with what was.</summary>
internal sealed class DemoArguments
{
    private readonly Option<bool> _full = new("--full") { Description = "Use all three million flights instead of the sixteen airports that come with the sample." };
    private readonly Option<bool> _serve = new("--serve") { Description = "Leave the web service running at the end." };

    private readonly Option<int> _port = new("--port")
    {
        Description = "The web service's port on this machine; 0 for any.",
        DefaultValueFactory = _ => 5080,
        CustomParser = static result =>
        {
            if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= IPEndPoint.MaxPort)
            {
                return port;
            }

            result.AddError($"--port is a number from 0 to {IPEndPoint.MaxPort}, not {result.Tokens[0].Value}.");
            return 0;
        },
    };

    private readonly Option<bool> _fresh = new("--fresh") { Description = "Make everything anew instead of reusing what an earlier run made." };

    private readonly Option<string?> _workspace = new("--workspace")
    {
        Description = "The folder for everything the demo makes, relative to the folder you are in; artifacts/flight-delay of the repository without it.",
        HelpName = "folder",
    };

    private readonly Option<double> _margin = new("--auc-margin")
    {
        Description = "What the trees' AUC has to exceed that of logistic regression by before the model goes to production.",
        DefaultValueFactory = _ => DemoOptions.AucMarginUsual,
        CustomParser = static result =>
        {
            if (double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var margin) && margin is >= 0 and < 1)
            {
                return margin;
            }

            result.AddError($"--auc-margin is a number from 0 to less than 1, such as 0.02, not {result.Tokens[0].Value}.");
            return 0;
        },
    };

    /// <summary>Runs what the arguments ask for.</summary>
    /// <param name="arguments">The program's.</param>
    /// <param name="run">What to do with them; its result is the exit code.</param>
    public async Task<int> RunAsync(string[] arguments, Func<DemoOptions, CancellationToken, Task<int>> run)
    {
        var root = new RootCommand("The main job of Mlp, end to end: flights in, features, a trained model, a registry, an online store, batched predictions out.")
        {
            _full, _serve, _port, _fresh, _workspace, _margin,
        };
        root.SetAction((parsed, cancellationToken) => run(Options(parsed), cancellationToken));
        var result = root.Parse(arguments);
        if (result.Errors is [var error, ..])
        {
            StepConsole.WriteError($"{error.Message} See --help.");
            return DemoException.Usage;
        }

        return await result.InvokeAsync();
    }

    private DemoOptions Options(ParseResult parsed) => new()
    {
        Full = parsed.GetValue(_full),
        Serve = parsed.GetValue(_serve),
        Port = parsed.GetValue(_port),
        Fresh = parsed.GetValue(_fresh),
        Workspace = parsed.GetValue(_workspace),
        AucMargin = parsed.GetValue(_margin),
    };
}
