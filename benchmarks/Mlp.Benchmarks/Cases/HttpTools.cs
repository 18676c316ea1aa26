using System.Diagnostics;
using System.Text.Json;

namespace Mlp.Benchmarks;

/// <summary>What the peer and the load come from: node with npm, and wrk.</summary>
internal static class HttpTools
{
    private static readonly string Source = Path.GetFullPath(Path.Combine("benchmarks", "http"));

    /// <summary>Where the peer's packages are installed.</summary>
    public static string Folder { get; } = Path.GetFullPath(Path.Combine("artifacts", "bench-http"));

    public static string Script => Path.Combine(Source, "post.lua");

    /// <summary>What is missing; null where everything is there. The peer's packages are installed the first time.</summary>
    public static string? Missing(Effort effort, Action<string> say)
    {
        foreach (var tool in new[] { "wrk", "node", "npm" })
        {
            if (!Exists(tool))
            {
                return $"{tool} is not on the PATH (Debian: apt-get install wrk nodejs npm)";
            }
        }

        if (effort == Effort.Smoke && !Directory.Exists(Path.Combine(Folder, "node_modules")))
        {
            return "the peer's packages are not installed, which a smoke run does not do";
        }

        Directory.CreateDirectory(Folder);
        foreach (var file in new[] { "package.json", "server.mjs" })
        {
            File.Copy(Path.Combine(Source, file), Path.Combine(Folder, file), overwrite: true);
        }

        if (Directory.Exists(Path.Combine(Folder, "node_modules")))
        {
            return null;
        }

        say("installing the peer's packages by npm, once");
        var start = new ProcessStartInfo("npm", ["install", "--silent", "--no-audit", "--no-fund"]) { WorkingDirectory = Folder, Environment = { ["ONNXRUNTIME_NODE_INSTALL"] = "skip" } };
        using var npm = Process.Start(start)!;
        npm.WaitForExit();
        return npm.ExitCode == 0 ? null : $"npm install in {Folder} ended with {npm.ExitCode}";
    }

    /// <summary>The version of one of the peer's packages.</summary>
    public static string Version(string package)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "node_modules", package, "package.json")));
        return json.RootElement.GetProperty("version").GetString()!;
    }

    private static bool Exists(string tool)
    {
        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
        {
            if (File.Exists(Path.Combine(folder, tool)))
            {
                return true;
            }
        }

        return false;
    }
}
