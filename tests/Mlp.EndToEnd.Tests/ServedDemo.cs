using Mlp.EndToEnd.Tests.Scenarios;
using Mlp.Registry.Client;

namespace Mlp.EndToEnd.Tests;

/// <summary>
/// The whole life of a workspace, once for all tests: the demo is killed after every step but the last, killed when some files have changed since a step began, stopped
/// with Ctrl+C while it trains, refused by its gate, run to its end, refused by a stricter gate, and run again with the service left running.
/// </summary>
public sealed class ServedDemo : IAsyncLifetime
{
    private const int Steps = 10;
    private const int TrainingStep = 4;

    // Of the steps that write, the first changes and the last ones; of the rest, all that comes after.
    private const int ChangesMax = 60;

    // What the shell, too, makes of signal 9.
    private const int Killed = 128 + 9;

    private readonly TemporaryFolder _folder = new();
    private DemoProgram? _served;

    /// <summary>Steps that had begun when a run was killed after some changes of files; the runs of the others had ended before.</summary>
    public List<int> KilledInside { get; } = [];

    /// <summary>Steps whose line a run had just shown when it was killed.</summary>
    public List<int> KilledAfter { get; } = [];

    /// <summary>The run that got Ctrl+C when its training began.</summary>
    public (int ExitCode, string Output) Stopped { get; private set; }

    /// <summary>The run whose gate asks for more than the model has, while nothing is in production.</summary>
    public (int ExitCode, string Output) Refused { get; private set; }

    /// <summary>The report of that run.</summary>
    public string RefusedReport { get; private set; } = "";

    /// <summary>The run after all the interrupted ones.</summary>
    public (int ExitCode, string Output) First { get; private set; }

    /// <summary>The run after that one, whose gate asks for more than the model has, which is in production now.</summary>
    public (int ExitCode, string Output) Stricter { get; private set; }

    /// <summary>The report of that run.</summary>
    public string StricterReport { get; private set; } = "";

    /// <summary>What the second whole run printed until it served.</summary>
    public string SecondOutput { get; private set; } = "";

    public string Workspace => _folder.At("workspace");

    public HttpClient Client { get; } = new() { Timeout = TimeSpan.FromSeconds(30) };

    public async ValueTask InitializeAsync()
    {
        var random = new Random(20010601);
        for (var step = 1; step <= Steps; step++)
        {
            var changes = random.Next(1, ChangesMax);

            // A training that is killed late has ended, and there would be none to stop.
            await KillInsideAsync(step, step == TrainingStep ? 1 : changes);
            if (step == TrainingStep)
            {
                Stopped = await StopInsideAsync(step);
                Refused = await DemoProgram.RunAsync("--workspace", Workspace, "--auc-margin", "0.5");
                RefusedReport = await File.ReadAllTextAsync(Path.Combine(Workspace, "report.html"));
            }

            if (step < Steps)
            {
                using var interrupted = DemoProgram.Start(Line(step), "--workspace", Workspace);
                await interrupted.LineAsync();
                interrupted.Kill();
                KilledAfter.Add(step);
            }
        }

        First = await DemoProgram.RunAsync("--workspace", Workspace);
        Stricter = await DemoProgram.RunAsync("--workspace", Workspace, "--auc-margin", "0.1");
        StricterReport = await File.ReadAllTextAsync(Path.Combine(Workspace, "report.html"));
        _served = DemoProgram.Start("Listening on", "--workspace", Workspace, "--serve", "--port", "0");
        await WaitForServiceAsync(_served);
        SecondOutput = _served.Output;
    }

    public ValueTask DisposeAsync()
    {
        Client.Dispose();
        _served?.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string Line(int step) => $"{step}/{Steps} ";

    /// <summary>Kills it when a number of files have changed since the step began, which may be in a later step; a run that changes fewer ends by itself.</summary>
    private async Task KillInsideAsync(int step, int changes)
    {
        using var files = new FileChanges(Workspace, changes);
        using var demo = DemoProgram.Start(Line(step - 1), "--workspace", Workspace);
        if (step > 1)
        {
            await demo.LineAsync();
        }

        await Task.WhenAny(files.CountAsync(), demo.EndAsync());
        demo.Kill();
        if ((await demo.EndAsync()).ExitCode == Killed)
        {
            KilledInside.Add(step);
        }
    }

    private async Task<(int ExitCode, string Output)> StopInsideAsync(int step)
    {
        using var demo = DemoProgram.Start(Line(step - 1), "--workspace", Workspace);
        await demo.LineAsync();
        await WaitForRunAsync(demo);
        demo.Interrupt();
        return await demo.EndAsync();
    }

    // The training has begun once the registry has it as one of its runs.
    private static async Task WaitForRunAsync(DemoProgram demo)
    {
        using var cache = new TemporaryFolder();
        using var registry = new RegistryClient(new RegistryClientOptions { Server = DemoProgram.AddressIn(demo.Output), CacheFolder = cache.Path });
        var ended = demo.EndAsync();
        while (!ended.IsCompleted && (await registry.ListRunsAsync("flight-delay")).All(r => r.Status != RunStatus.Running))
        {
            await Task.WhenAny(ended, Task.Delay(TimeSpan.FromMilliseconds(5)));
        }
    }

    private async Task WaitForServiceAsync(DemoProgram program)
    {
        var line = await program.LineAsync();
        Client.BaseAddress = new Uri(line.Split(' ').First(word => word.StartsWith("http://", StringComparison.Ordinal)));
    }
}
