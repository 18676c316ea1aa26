namespace Mlp.Features.Tests.Scenarios;

/// <summary>Tests that run in a process of their own.</summary>
internal static class OtherProcess
{
    /// <summary>Runs one test, explicit ones included.</summary>
    public static Task<Command> RunAsync(Type tests, string name, params (string Name, string? Value)[] environment) =>
        Command.RunAsync("dotnet", AppContext.BaseDirectory, [tests.Assembly.Location, "-method", $"{tests.FullName}.{name}", "-explicit", "on", "-noColor", "-noAutoReporters"], environment);

    /// <summary>Fails unless exactly one test ran, and passed.</summary>
    public static void HasPassed(Command run)
    {
        Assert.True(run.ExitCode == 0, run.Output);
        Assert.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0, Not Run: 0", run.Output, StringComparison.Ordinal);
    }
}
