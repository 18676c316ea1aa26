using System.Diagnostics;
using Npgsql;

namespace Mlp.Features.Tests.Scenarios;

/// <summary>A PostgreSQL of its own in a temporary folder, reached by a socket there. Where Debian's server is not installed, what needs it is skipped.</summary>
public sealed class PostgresServer : IDisposable
{
    private readonly string? _folder;
    private readonly string _binaries = "";
    private readonly string _why = "";

    public PostgresServer()
    {
        var root = "/usr/lib/postgresql";
        var binaries = Directory.Exists(root) ? Directory.GetDirectories(root).Select(d => Path.Combine(d, "bin")).Where(d => File.Exists(Path.Combine(d, "initdb"))).Order(StringComparer.Ordinal).LastOrDefault() : null;
        if (binaries is null)
        {
            _why = "PostgreSQL's server is missing (Debian, Ubuntu: apt-get install postgresql).";
            return;
        }

        _binaries = binaries;
        _folder = Directory.CreateTempSubdirectory("mlp-pg-").FullName;
        if (IsRoot)
        {
            Run("chown", "postgres", _folder);
        }

        Server("initdb", "-D", Data, "-A", "trust", "-U", "postgres", "--no-sync");
        Server("pg_ctl", "-D", Data, "-w", "-l", Path.Combine(_folder, "log"), "-o", $"-k {_folder} -c listen_addresses= -c fsync=off", "start");
    }

    private static bool IsRoot => Environment.UserName == "root";

    private string Data => Path.Combine(_folder!, "data");

    public NpgsqlDataSource Open()
    {
        if (_folder is null)
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", _why);
            Assert.Fail(_why);
        }

        return NpgsqlDataSource.Create($"Host={_folder};Username=postgres;Database=postgres;Pooling=false");
    }

    public void Dispose()
    {
        if (_folder is not null)
        {
            Server("pg_ctl", "-D", Data, "-m", "immediate", "-w", "stop");
            Directory.Delete(_folder, recursive: true);
        }
    }

    // It refuses to run as root.
    private void Server(string program, params string[] arguments)
    {
        var path = Path.Combine(_binaries, program);
        if (IsRoot)
        {
            Run("runuser", ["-u", "postgres", "--", path, .. arguments]);
        }
        else
        {
            Run(path, arguments);
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        // Its output is not read: the server keeps the handles open that it was started with.
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", "exec \"$@\" >/dev/null 2>&1", "sh", program, .. arguments]) { WorkingDirectory = "/" })!;
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }
}
