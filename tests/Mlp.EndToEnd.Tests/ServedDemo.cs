using System.Diagnostics;
using Mlp.EndToEnd.Tests.Scenarios;

namespace Mlp.EndToEnd.Tests;

/// <summary>
/// The whole life of a workspace, once for all tests: the demo is killed at every one of its steps, run to its end, and run again
/// with the service left running.
/// </summary>
public sealed class ServedDemo : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private DemoProgram? _served;

    /// <summary>Exit code and output of the run after all the interrupted ones.</summary>
    public (int ExitCode, string Output) First { get; private set; }

    /// <summary>What the second whole run printed until it served.</summary>
    public string SecondOutput { get; private set; } = "";

    /// <summary>How long the second whole run took until it served.</summary>
    public TimeSpan SecondTime { get; private set; }

    public string Workspace => _folder.At("workspace");

    public HttpClient Client { get; } = new() { Timeout = TimeSpan.FromSeconds(30) };

    public async ValueTask InitializeAsync()
    {
        // A step's line appears when it is done, so the kill falls into the step after it.
        for (var step = 1; step < 10; step++)
        {
            using var interrupted = DemoProgram.Start($"{step}/", "--workspace", Workspace);
            await interrupted.LineAsync();
            interrupted.Kill();
        }

        First = await DemoProgram.RunAsync("--workspace", Workspace);
        var watch = Stopwatch.StartNew();
        _served = DemoProgram.Start("Listening on", "--workspace", Workspace, "--serve", "--port", "0");
        await WaitForServiceAsync(_served);
        SecondTime = watch.Elapsed;
        SecondOutput = _served.Output;
    }

    public ValueTask DisposeAsync()
    {
        Client.Dispose();
        _served?.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task WaitForServiceAsync(DemoProgram program)
    {
        var line = await program.LineAsync();
        Client.BaseAddress = new Uri(line.Split(' ').First(word => word.StartsWith("http://", StringComparison.Ordinal)));
    }
}
