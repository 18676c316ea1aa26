using System.Diagnostics;
using System.Text;

namespace Mlp.EndToEnd.Tests.Scenarios;

/// <summary>The sample as a person runs it: a process of its own.</summary>
internal sealed class DemoProgram : IDisposable
{
    public static readonly string Program = Path.Combine(AppContext.BaseDirectory, "FlightDelay.dll");

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<string> _line = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string? _awaited;

    private DemoProgram(string? awaited, string[] arguments)
    {
        _awaited = awaited;
        var start = new ProcessStartInfo("dotnet", [Program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, e) => Take(e.Data);
        _process.ErrorDataReceived += (_, e) => Take(e.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>The registry's address in what a run has printed.</summary>
    public static Uri AddressIn(string output) => new(output.Split((char[])[' ', '\n', ',']).First(word => word.StartsWith("http://", StringComparison.Ordinal)));

    /// <summary>Starts it.</summary>
    /// <param name="awaited">What a line has to contain for <see cref="LineAsync"/>.</param>
    /// <param name="arguments">The program's.</param>
    public static DemoProgram Start(string? awaited, params string[] arguments) => new(awaited, arguments);

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        using var program = Start(null, arguments);
        return await program.EndAsync();
    }

    /// <summary>The first line that contains what was awaited.</summary>
    /// <exception cref="InvalidOperationException">The program ended without it; the message is what it printed.</exception>
    public async Task<string> LineAsync()
    {
        var ended = _process.WaitForExitAsync();
        return await Task.WhenAny(_line.Task, ended) == _line.Task ? await _line.Task : throw new InvalidOperationException(Output);
    }

    /// <summary>Its end.</summary>
    public async Task<(int ExitCode, string Output)> EndAsync()
    {
        await _process.WaitForExitAsync();
        return (_process.ExitCode, Output);
    }

    /// <summary>Ends it as Ctrl+C does.</summary>
    public void Interrupt()
    {
        using var kill = Process.Start("kill", ["-INT", $"{_process.Id}"]);
        kill.WaitForExit();
    }

    /// <summary>Ends it as a power cut would.</summary>
    public void Kill() => _process.Kill(entireProcessTree: true);

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.AppendLine(line);
        }

        if (_awaited is not null && line.Contains(_awaited, StringComparison.Ordinal))
        {
            _line.TrySetResult(line);
        }
    }
}
