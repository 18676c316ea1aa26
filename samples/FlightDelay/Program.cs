using System.CommandLine;
using FlightDelay.Pipeline;
using Mlp.Core;
using Spectre.Console;

var full = new Option<bool>("--full") { Description = "Use all three million flights instead of the sixteen airports that come with the sample." };
var serve = new Option<bool>("--serve") { Description = "Leave the web service running at the end." };
var port = new Option<int>("--port") { Description = "The web service's port on this machine; 0 for any.", DefaultValueFactory = _ => 5080 };
var fresh = new Option<bool>("--fresh") { Description = "Make everything anew instead of reusing what an earlier run made." };
var workspace = new Option<string?>("--workspace") { Description = "The folder for everything the demo makes, relative to the folder you are in; artifacts/flight-delay of the repository without it.", HelpName = "folder" };
var margin = new Option<double>("--auc-margin") { Description = "What the trees' AUC has to exceed that of logistic regression by before the model goes to production.", DefaultValueFactory = _ => DemoOptions.AucMarginUsual };
margin.Validators.Add(result =>
{
    if (!(result.GetValueOrDefault<double>() is >= 0 and < 1))
    {
        result.AddError("--auc-margin is a number from 0 to less than 1, such as 0.02.");
    }
});
var root = new RootCommand("The main job of Mlp, end to end: flights in, features, a trained model, a registry, an online store, batched predictions out.") { full, serve, port, fresh, workspace, margin };
root.SetAction(async (arguments, cancellationToken) =>
{
    var options = new DemoOptions
    {
        Full = arguments.GetValue(full),
        Serve = arguments.GetValue(serve),
        Port = arguments.GetValue(port),
        Fresh = arguments.GetValue(fresh),
        Workspace = arguments.GetValue(workspace),
        AucMargin = arguments.GetValue(margin),
    };
    try
    {
        await new Demo(options).RunAsync(cancellationToken);
        return 0;
    }
    catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
    {
        AnsiConsole.WriteLine("Stopped. Run ./demo again to go on: what is complete is kept.");
        return 130;
    }
    catch (Exception e) when (e is DemoException or MlpException)
    {
        StepConsole.WriteError(e.Message);
        return (e as DemoException)?.ExitCode ?? DemoException.Failed;
    }
});
return await root.Parse(args).InvokeAsync();
