using System.Net;
using System.Net.Http.Json;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Logging;
using Mlp.Core;
using Mlp.Registry.Server;

namespace Mlp.Registry.Tests.Access;

public sealed class LocalAccessTests : IDisposable
{
    private const string Asked = "/api/2.0/mlflow/registered-models/search";

    private readonly string _root = Directory.CreateTempSubdirectory("mlp-access-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://[::]:0")]
    [InlineData("http://*:0")]
    public async Task A_host_at_an_open_address_without_a_token_does_not_start(string url)
    {
        await using var app = Host(Options(), builder => builder.WebHost.UseUrls(url));
        var error = await Assert.ThrowsAsync<MlpException>(() => app.StartAsync());
        Assert.Equal("registry.open_without_token", error.Code);
        Assert.Contains(nameof(RegistryServerOptions.Token), error.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(RegistryServerOptions.AllowAnonymous), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_open_endpoint_that_the_host_configures_in_code_is_found_as_well()
    {
        await using var app = Host(Options(), builder => builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Any, 0);
        }));
        Assert.Equal("registry.open_without_token", (await Assert.ThrowsAsync<MlpException>(() => app.StartAsync())).Code);
    }

    [Theory]
    [InlineData("http://127.0.0.1:0")]
    [InlineData("http://[::1]:0")]
    public async Task A_host_at_the_loopback_needs_no_token(string url)
    {
        if (url.Contains("::1", StringComparison.Ordinal) && !Socket.OSSupportsIPv6)
        {
            Assert.Skip("this machine has no IPv6");
        }

        await using var app = await StartAsync(Options(), url);
        Assert.Equal(200, (await AskAsync(app.Urls.Single())).Status);
    }

    [Fact]
    public async Task A_host_at_a_socket_file_needs_no_token()
    {
        var path = Path.Combine(_root, "registry.sock");
        await using var app = await StartAsync(Options(), $"http://unix:{path}");
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var http = new HttpClient(handler) { BaseAddress = new Uri("http://registry") };
        using var answer = await http.GetAsync(new Uri(Asked, UriKind.Relative));
        Assert.Equal(200, (int)answer.StatusCode);
    }

    [Fact]
    public async Task A_host_at_an_open_address_with_a_token_asks_for_it()
    {
        await using var app = await StartAsync(Options() with { Token = "t" }, "http://0.0.0.0:0");
        Assert.Equal(401, (await AskAsync(Loopback(app))).Status);
        Assert.Equal(200, (await AskAsync(Loopback(app), "t")).Status);
    }

    [Fact]
    public async Task A_host_at_an_open_address_serves_everybody_where_that_is_what_it_was_told()
    {
        await using var app = await StartAsync(Options() with { AllowAnonymous = true }, "http://0.0.0.0:0");
        foreach (var address in (string[])[Loopback(app), .. OutsideAddress(app) is { } outside ? [outside] : Array.Empty<string>()])
        {
            Assert.Equal(200, (await AskAsync(address)).Status);
        }
    }

    [Fact]
    public async Task A_connection_over_an_open_address_is_refused_even_where_the_start_was_not_stopped()
    {
        await using var app = Host(Options(), builder => builder.WebHost.UseUrls("http://0.0.0.0:0"));
        await Assert.ThrowsAsync<MlpException>(() => app.StartAsync());
        if (OutsideAddress(app) is not { } outside)
        {
            Assert.Skip("this machine has no address but the loopback's");
            return;
        }

        var (status, body) = await AskAsync(outside);
        Assert.Equal((403, "PERMISSION_DENIED"), (status, body.GetProperty("error_code").GetString()));
        Assert.Contains(nameof(RegistryServerOptions.AllowAnonymous), body.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", "localhost", 200)]
    [InlineData("127.0.0.2", "127.0.0.2", "127.0.0.2:5000", 200)]
    [InlineData("::1", "::1", "[::1]:5000", 200)]
    [InlineData("::ffff:127.0.0.2", "::ffff:127.0.0.1", "LOCALHOST", 200)]
    [InlineData(null, null, "registry.example", 200)]
    [InlineData("10.0.0.5", "10.0.0.9", "localhost", 403)]
    [InlineData("10.0.0.5", "10.0.0.5", "localhost", 403)]
    [InlineData("127.0.0.1", "10.0.0.9", "localhost", 403)]
    [InlineData("fe80::1", "fe80::2", "localhost", 403)]
    [InlineData("::ffff:10.0.0.5", "::ffff:127.0.0.1", "localhost", 403)]
    [InlineData("127.0.0.1", "127.0.0.1", "registry.example", 403)]
    [InlineData("127.0.0.1", "127.0.0.1", "127.0.0.1.registry.example", 403)]
    public async Task Without_a_token_only_this_machine_under_its_own_name_is_served(string? local, string? remote, string host, int status)
    {
        await using var app = Host(Options(), builder => builder.WebHost.UseTestServer());
        await app.StartAsync();
        var context = await app.GetTestServer().SendAsync(request =>
        {
            request.Connection.LocalIpAddress = local is null ? null : IPAddress.Parse(local);
            request.Connection.RemoteIpAddress = remote is null ? null : IPAddress.Parse(remote);
            request.Request.Host = new HostString(host);
            request.Request.Path = Asked;
        });
        Assert.Equal(status, context.Response.StatusCode);
    }

    [Theory]
    [InlineData("Forwarded", "for=192.0.2.60")]
    [InlineData("X-Forwarded-For", "192.0.2.60")]
    [InlineData("Via", "1.1 proxy")]
    public async Task Without_a_token_what_a_proxy_passes_on_is_not_served(string header, string value)
    {
        await using var app = await StartAsync(Options(), "http://127.0.0.1:0");
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        http.DefaultRequestHeaders.TryAddWithoutValidation(header, value);
        using var answer = await http.GetAsync(new Uri(Asked, UriKind.Relative));
        Assert.Equal(403, (int)answer.StatusCode);
    }

    [Fact]
    public async Task With_a_token_the_host_may_have_any_name()
    {
        await using var app = await StartAsync(Options() with { Token = "t" }, "http://127.0.0.1:0");
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        using var request = new HttpRequestMessage(HttpMethod.Get, Asked);
        request.Headers.Host = "registry.example";
        request.Headers.Authorization = new("Bearer", "t");
        using var answer = await http.SendAsync(request);
        Assert.Equal(200, (int)answer.StatusCode);
    }

    [Fact]
    public void A_token_and_nobody_to_ask_for_it_contradict_each_other() =>
        Assert.Throws<ArgumentException>(() => (Options() with { Token = "t", AllowAnonymous = true }).Validate());

    [Fact]
    public void An_open_address_of_its_own_needs_a_token_or_the_word_that_none_is_needed()
    {
        var open = Options() with { Url = "http://0.0.0.0:5000" };
        Assert.Throws<ArgumentException>(open.Validate);
        (open with { Token = "t" }).Validate();
        (open with { AllowAnonymous = true }).Validate();
    }

    private RegistryServerOptions Options() => new() { Folder = Path.Combine(_root, "store") };

    private static WebApplication Host(RegistryServerOptions options, Action<WebApplicationBuilder> configure)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        configure(builder);
        builder.Services.AddMlpRegistry(options);
        var app = builder.Build();
        app.MapMlpRegistry();
        return app;
    }

    private static async Task<WebApplication> StartAsync(RegistryServerOptions options, string url)
    {
        var app = Host(options, builder => builder.WebHost.UseUrls(url));
        await app.StartAsync();
        return app;
    }

    private static string Loopback(WebApplication app) => $"http://127.0.0.1:{new Uri(app.Urls.Single()).Port}";

    private static string? OutsideAddress(WebApplication app) => NetworkInterface.GetAllNetworkInterfaces()
        .Where(n => n.OperationalStatus == OperationalStatus.Up)
        .SelectMany(n => n.GetIPProperties().UnicastAddresses)
        .Select(a => a.Address)
        .FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a)) is { } address
            ? $"http://{address}:{new Uri(app.Urls.Single()).Port}"
            : null;

    private static async Task<(int Status, JsonElement Body)> AskAsync(string address, string? token = null)
    {
        using var http = new HttpClient { BaseAddress = new Uri(address) };
        http.DefaultRequestHeaders.Authorization = token is null ? null : new("Bearer", token);
        using var answer = await http.GetAsync(new Uri(Asked, UriKind.Relative));
        return ((int)answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
    }
}
