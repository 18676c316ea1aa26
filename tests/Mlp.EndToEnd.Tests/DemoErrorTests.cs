using System.Net;
using System.Net.Sockets;
using FlightDelay.Pipeline;
using FlightDelay.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Mlp.Core;
using Mlp.EndToEnd.Tests.Scenarios;

namespace Mlp.EndToEnd.Tests;

/// <summary>What the person at the terminal is told: one line, and never where in the program it happened.</summary>
public class DemoErrorTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("--port is a number from 0 to 65535, not 99999.", "--serve", "--port", "99999")]
    [InlineData("--port is a number from 0 to 65535, not -1.", "--serve", "--port", "-1")]
    [InlineData("--port is a number from 0 to 65535, not http.", "--port", "http")]
    [InlineData("--auc-margin is a number from 0 to less than 1, such as 0.02, not abc.", "--auc-margin", "abc")]
    [InlineData("--auc-margin is a number from 0 to less than 1, such as 0.02, not 1.", "--auc-margin", "1")]
    [InlineData("--auc-margin is a number from 0 to less than 1, such as 0.02, not NaN.", "--auc-margin", "NaN")]
    [InlineData("--workspace", "--workspace")]
    [InlineData("--quick", "--quick")]
    [InlineData("is a file; --workspace names a folder.", "--workspace", "/etc/hosts")]
    public async Task What_cannot_be_asked_for_ends_the_demo_with_2_and_one_line(string words, params string[] arguments)
    {
        var (exitCode, output) = await DemoProgram.RunAsync(arguments);
        Assert.Equal(2, exitCode);
        Assert.Contains(words, Assert.Single(output.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_where_the_demo_needs_a_folder_ends_it_with_1_and_one_line_that_names_the_workspace()
    {
        using var folder = new TemporaryFolder();
        Workspace.Open(folder.Path, fresh: false).Dispose();
        await File.WriteAllTextAsync(folder.At("offline"), "", Cancel);
        var (exitCode, output) = await DemoProgram.RunAsync("--workspace", folder.Path);
        Assert.Equal(1, exitCode);
        var line = Assert.Single(output.Trim().Split('\n'));
        Assert.Contains(folder.At("offline"), line, StringComparison.Ordinal);
        Assert.EndsWith($"The workspace is {folder.Path}; if files of it are missing or damaged, --fresh makes them anew.", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_or_package_is_told_with_the_way_to_start_over()
    {
        using var folder = new TemporaryFolder();
        Exception[] errors =
        [
            Assert.ThrowsAny<IOException>(() => File.ReadAllBytes(Path.Combine(folder.Path, "profiles", "2001-01.json"))),
            Assert.ThrowsAny<MlpException>(() => ModelPackage.Open(folder.At("package"))),
            new UnauthorizedAccessException("Access is denied."),
        ];
        Assert.All(errors, e =>
        {
            var told = DemoException.Of(e, folder.Path)!;
            Assert.Equal(1, told.ExitCode);
            Assert.StartsWith(e.Message.TrimEnd('.'), told.Message, StringComparison.Ordinal);
            Assert.Contains($"The workspace is {folder.Path}", told.Message, StringComparison.Ordinal);
            Assert.Contains("--fresh", told.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', told.Message);
        });
        Assert.Null(DemoException.Of(new InvalidOperationException("a mistake"), folder.Path));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_before_the_work_and_after_it()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var before = Assert.Throws<DemoException>(() => ServicePort.Check(port));

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        await using var service = builder.Build();
        var after = await Assert.ThrowsAsync<DemoException>(() => ServicePort.StartAsync(service, port, Cancel));
        Assert.All([before, after], e => Assert.Equal($"Port {port} is in use; choose another one with --port.", e.Message));
    }

    [Fact]
    public void A_port_that_is_not_ours_to_open_is_not_called_in_use()
    {
        var message = ServicePort.Refused(80, new SocketException((int)SocketError.AccessDenied)).Message;
        Assert.StartsWith("Port 80 can't be opened: ", message, StringComparison.Ordinal);
        Assert.DoesNotContain("in use", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Port_0_is_any_port_and_always_there() => ServicePort.Check(0);
}
