using System.Diagnostics;

namespace Mlp.Benchmarks;

/// <summary>A server in a process of its own, killed at the end.</summary>
internal sealed class HttpProcess : IDisposable
{
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    private HttpProcess(Process process) => _process = process;

    /// <summary>Starts it and waits until it answers.</summary>
    public static HttpProcess Start(string program, string[] arguments, int port)
    {
        // Server garbage collection is what ASP.NET Core's own project files say; Node reads nothing of it.
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, Environment = { ["DOTNET_gcServer"] = "1", ["DOTNET_TieredPGO"] = "1" } };
        var server = new HttpProcess(Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start."));
        using var client = new HttpClient();
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var answer = client.GetAsync(new Uri($"http://127.0.0.1:{port}/ready")).GetAwaiter().GetResult();
                answer.EnsureSuccessStatusCode();
                return server;
            }
            catch (HttpRequestException) when (!server._process.HasExited && Stopwatch.GetElapsedTime(started) < StartMax)
            {
                Thread.Sleep(20);
            }
            catch (HttpRequestException e)
            {
                var said = server._process.HasExited ? server._process.StandardError.ReadToEnd() : "";
                server.Dispose();
                throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} does not answer. {said}", e);
            }
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}
