using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Mlp.Tests;

namespace Mlp.Aot.Tests;

/// <summary>The program of tests/Aot.App, published with NativeAOT once for all tests.</summary>
public sealed partial class Publication : IAsyncLifetime
{
    private static readonly string Artifacts = Checkout.At("artifacts", "aot");

    private string? _reason;

    /// <summary>Everything that publishing printed.</summary>
    public string Output { get; private set; } = "";

    /// <summary>The program.</summary>
    public string Program { get; } = Path.Combine(Artifacts, "program", OperatingSystem.IsWindows() ? "Aot.App.exe" : "Aot.App");

    public async ValueTask InitializeAsync()
    {
        _reason = MissingTool();
        if (_reason is null)
        {
            var run = await PublishAsync("program");
            Assert.True(run.ExitCode == 0, run.Output);
            Output = run.Output;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Skips the test on a machine that cannot link; in CI that is a failure.</summary>
    public void Require()
    {
        if (_reason is not null)
        {
            Assert.False(Environment.GetEnvironmentVariable("CI") == "true", _reason);
            Assert.Skip(_reason);
        }
    }

    /// <summary>Publishes into a folder of its own, away from what the other projects build.</summary>
    internal static Task<Command> PublishAsync(string name, params string[] properties)
    {
        // An analysis that is up to date is not repeated, and its warnings would not be either.
        var intermediate = Path.Combine(Artifacts, "obj", "Aot.App");
        if (Directory.Exists(intermediate))
        {
            Directory.Delete(intermediate, recursive: true);
        }

        return Command.RunAsync("dotnet", Checkout.Root,
            ["publish", Checkout.At("tests", "Aot.App"), "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "--artifacts-path", Artifacts, "-o", Path.Combine(Artifacts, name), "-nologo", .. properties]);
    }

    /// <summary>Lines with a warning or an error. A feed that has only a newer version than a lower bound asks for is none of ours.</summary>
    internal static IEnumerable<string> Warnings(string output) =>
        output.Split('\n').Where(line => Warning().IsMatch(line) && !Feed().IsMatch(line));

    private static string? MissingTool()
    {
        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        var found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "clang")) || File.Exists(Path.Combine(folder, "gcc")));
        var zlib = !OperatingSystem.IsLinux() || File.Exists("/usr/include/zlib.h");
        return found && zlib ? null : "NativeAOT links with clang and zlib1g-dev, and they are missing; ./test installs them where it may (Debian, Ubuntu: apt-get install clang zlib1g-dev).";
    }

    [GeneratedRegex(@"\b(warning|error) ?[A-Z]*[0-9]*\s*:|\b(warning|error) (IL|CS|CA|NETSDK)[0-9]+", RegexOptions.IgnoreCase)]
    private static partial Regex Warning();

    [GeneratedRegex(@"\bNU(1603|190[0-4])\b")]
    private static partial Regex Feed();
}
