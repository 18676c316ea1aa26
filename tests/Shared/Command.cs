using System.Diagnostics;
using System.Text;

namespace Mlp.Tests;

/// <summary>A program that was run to its end: its exit code and everything it printed.</summary>
internal sealed record Command(int ExitCode, string Output)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>Runs a program; one that never ends is killed and fails the test.</summary>
    public static async Task<Command> RunAsync(string program, string folder, IEnumerable<string> arguments, params (string Name, string? Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };

        // A build that was started by a build inherits switches that are not meant for it, and servers that outlive it would hold the folders.
        start.Environment.Remove("MSBuildSDKsPath");
        start.Environment.Remove("MSBUILD_EXE_PATH");
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = new StringBuilder();
        process.OutputDataReceived += (_, e) => Append(output, e.Data);
        process.ErrorDataReceived += (_, e) => Append(output, e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var limit = new CancellationTokenSource(Longest);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"'{program} {string.Join(' ', start.ArgumentList)}' did not end within {Longest}:\n{output}");
        }

        return new Command(process.ExitCode, output.ToString());
    }

    /// <summary>Runs <c>dotnet</c> in the checkout and expects success.</summary>
    public static async Task<string> DotnetAsync(params string[] arguments)
    {
        var run = await RunAsync("dotnet", Checkout.Root, arguments);
        Assert.True(run.ExitCode == 0, $"'dotnet {string.Join(' ', arguments)}' ended with {run.ExitCode}:\n{run.Output}");
        return run.Output;
    }

    private static void Append(StringBuilder output, string? line)
    {
        if (line is not null)
        {
            lock (output)
            {
                output.Append(line).Append('\n');
            }
        }
    }
}
