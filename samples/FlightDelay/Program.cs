using FlightDelay.Pipeline;
using Spectre.Console;

return await new DemoArguments().RunAsync(args, async (options, cancellationToken) =>
{
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
    catch (Exception e) when (DemoException.Of(e, options.WorkspaceFolder) is { } known)
    {
        StepConsole.WriteError(known.Message);
        return known.ExitCode;
    }
});
