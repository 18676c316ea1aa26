using System.CommandLine;
using Mlp.Cli.Exits;
using Spectre.Console;

namespace Mlp.Cli.Edge;

/// <summary><c>mlp edge inspect</c>: what a model is, and how Mlp.Edge runs it.</summary>
internal static class EdgeInspectCommand
{
    public static Command Of(IAnsiConsole console)
    {
        var path = new Argument<string>("model") { Description = "An ONNX model, or trees as XGBoost (JSON, UBJ) or LightGBM (text) writes them." };
        var json = new Option<bool>("--json") { Description = "Write JSON, for programs." };
        var command = new Command("inspect", "Shows a model's inputs, outputs and trees: shape, thresholds, layout, bytes, nanoseconds a row.") { path, json };
        command.SetAction(parsed =>
        {
            var model = InspectedModel.Read(parsed.GetRequiredValue(path));
            if (parsed.GetValue(json))
            {
                console.Profile.Out.Writer.WriteLine(InspectedModelJson.Of(model));
            }
            else
            {
                InspectedModelText.Write(console, model);
            }

            return ExitCode.Done;
        });
        return command;
    }
}
