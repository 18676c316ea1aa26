using System.CommandLine;
using FlightDelay.Pipeline;
using Mlp.Core;
using Spectre.Console;

var full = new Option<bool>("--full") { Description = "Use all three million flights instead of the sixteen airports that come with the sample." };
var serve = new Option<bool>("--serve") { Description = "Leave the web service running at the end." };
var port = new Option<int>("--port") { Description = "The web service's port on this machine; 0 for any.", DefaultValueFactory = _ => 5080 };
var fresh = new Option<bool>("--fresh") { Description = "Make everything anew instead of reusing what an earlier run made." };
var workspace = new Option<string?>("--workspace") { Description = "The folder for everything the demo makes.", HelpName = "folder" };
var root = new RootCommand("The main job of Mlp, end to end: flights in, features, a trained model, a registry, an online store, batched predictions out.") { full, serve, port, fresh, workspace };
root.SetAction(async (arguments, cancellationToken) =>
{
    var options = new DemoOptions
    {
        Full = arguments.GetValue(full),
        Serve = arguments.GetValue(serve),
        Port = arguments.GetValue(port),
        Fresh = arguments.GetValue(fresh),
        Workspace = arguments.GetValue(workspace),
    };
    try
    {
        await new Demo(options).RunAsync(cancellationToken);
        return 0;
    }
    catch (OperationCanceledException)
    {
        AnsiConsole.WriteLine("Stopped. Run ./demo again to go on.");
        return 130;
    }
    catch (Exception e) when (e is DemoException or MlpException)
    {
        AnsiConsole.MarkupLineInterpolated($"[red]{e.Message}[/]");
        return 1;
    }
});
return await root.Parse(args).InvokeAsync();
