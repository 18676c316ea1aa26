using System.Net;
using System.Net.Http.Headers;
using System.Text;
using CsCheck;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Logging;
using Mlp.Registry.Server;

namespace Mlp.Registry.Tests.Access;

/// <summary>Requests that no honest client sends, to a server that lends the routes no protection of its own.</summary>
public sealed class HostileRequestTests : IAsyncLifetime
{
    private const string Digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

    private static readonly (string Path, string Body)[] Honest =
    [
        ("mlflow/experiments/create", """{"name":"e","artifact_location":"s3://b","tags":[{"key":"k","value":"v"}]}"""),
        ("mlflow/experiments/search", """{"max_results":5,"view_type":"ALL","page_token":"","order_by":["name ASC"]}"""),
        ("mlflow/runs/create", """{"experiment_id":"0","run_name":"r","start_time":1,"tags":[{"key":"k","value":"v"}]}"""),
        ("mlflow/runs/search", """{"experiment_ids":["0"],"max_results":"5","page_token":""}"""),
        ("mlflow/runs/log-batch", """{"run_id":"x","metrics":[{"key":"m","value":0.5,"timestamp":"1","step":2}],"params":[{"key":"p","value":"1"}],"tags":[]}"""),
        ("mlflow/runs/log-inputs", """{"run_id":"x","datasets":[{"tags":[],"dataset":{"name":"n","digest":"d","source_type":"t","source":"s","schema":"{}"}}]}"""),
        ("mlflow/registered-models/create", """{"name":"m","description":"d","tags":[{"key":"k","value":"v"}]}"""),
        ("mlflow/registered-models/alias", """{"name":"m","alias":"production","version":"1"}"""),
        ("mlflow/model-versions/create", """{"name":"m","source":"s3://b/m","run_id":"x","description":"d"}"""),
        ("mlp/model-versions/publish", $$"""{"digest":"{{Digest}}","run_id":"x"}"""),
        ("mlp/registered-models/promote", """{"name":"m","version":"1","alias":"a","gate":{"rules":[{"metric":"auc","comparison":"at_least","amount":0.5,"slice":{"name":"s","value":"v"}}]}}"""),
    ];

    private readonly string _root = Directory.CreateTempSubdirectory("mlp-hostile-").FullName;
    private readonly WebApplication _app;
    private HttpClient? _http;

    public HostileRequestTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseTestServer();
        builder.Services.AddMlpRegistry(new RegistryServerOptions { Folder = _root, Limits = new RegistryLimits { JsonBytesMax = 2000, BlobBytesMax = 2000 } });
        _app = builder.Build();
        _app.MapMlpRegistry();
    }

    private HttpClient Http => _http!;

    public async ValueTask InitializeAsync()
    {
        await _app.StartAsync();
        _http = _app.GetTestClient();
    }

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        await _app.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    [Theory]
    [InlineData("POST", "mlflow/runs/create", 3000, 413)]
    [InlineData("PUT", "mlp/packages/" + Digest, 64 << 20, 413)]
    [InlineData("PUT", "mlp/blobs/" + Digest, 3000, 413)]
    public async Task A_body_without_a_length_is_cut_off_at_the_limit_whatever_the_server_beneath_does(string method, string path, int length, int status)
    {
        using var content = new EndlessContent(length);
        using var request = new HttpRequestMessage(new HttpMethod(method), "/api/2.0/" + path) { Content = content };
        using var answer = await Http.SendAsync(request);
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Theory]
    [InlineData("\"\\ud800\"")]
    [InlineData("\"\\u0000\"")]
    [InlineData("\"\\udc00\\ud800\"")]
    [InlineData("1e999")]
    [InlineData("-1")]
    [InlineData("\"99999999999999999999\"")]
    [InlineData("[[]]")]
    [InlineData("{}")]
    [InlineData("true")]
    public async Task A_value_that_cannot_be_is_the_caller_s_fault_in_every_field(string value)
    {
        foreach (var (path, body) in Honest)
        {
            foreach (var changed in WithEachValue(body, value).Concat(WithEachName(body)))
            {
                var (status, answer) = await PostAsync(path, Encoding.UTF8.GetBytes(changed));
                Assert.True(status < 500, $"{path} {changed}: {status} {answer}");
            }
        }
    }

    [Fact]
    public async Task A_byte_order_mark_is_no_damage() =>
        Assert.Equal(200, (await PostAsync("mlflow/runs/create", [.. Encoding.UTF8.Preamble, .. "{}"u8])).Status);

    [Fact]
    public void No_damaged_body_makes_the_server_fail() =>
        Gen.Select(Gen.Int[0, Honest.Length - 1], Gen.Select(Gen.Int[0, 300], Gen.Byte).Array[1, 4]).Sample(
            (which, changes) =>
            {
                var (path, body) = Honest[which];
                var bytes = Encoding.UTF8.GetBytes(body);
                foreach (var (at, value) in changes)
                {
                    bytes[at % bytes.Length] = value;
                }

                return PostAsync(path, bytes).GetAwaiter().GetResult().Status < 500;
            },
            iter: 2000, threads: 1);

    private async Task<(int Status, string Body)> PostAsync(string path, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var answer = await Http.PostAsync(new Uri("/api/2.0/" + path, UriKind.Relative), content);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    // Each place behind a colon, once.
    private static IEnumerable<string> WithEachValue(string body, string value)
    {
        for (var i = body.IndexOf(':', StringComparison.Ordinal); i >= 0; i = body.IndexOf(':', i + 1))
        {
            var depth = 0;
            var quoted = false;
            var end = i + 1;
            for (; end < body.Length && (quoted || depth > 0 || body[end] is not (',' or '}' or ']')); end++)
            {
                quoted ^= body[end] == '"';
                depth += quoted ? 0 : body[end] is '{' or '[' ? 1 : body[end] is '}' or ']' ? -1 : 0;
            }

            if (body[i - 1] == '"')
            {
                yield return body[..(i + 1)] + value + body[end..];
            }
        }
    }

    // A name that is no text, before each of the names.
    private static IEnumerable<string> WithEachName(string body)
    {
        for (var i = body.IndexOf('{', StringComparison.Ordinal); i >= 0; i = body.IndexOf('{', i + 1))
        {
            if (i + 1 < body.Length && body[i + 1] == '"')
            {
                yield return body[..(i + 1)] + "\"\\ud800\":1," + body[(i + 1)..];
            }
        }
    }

    /// <summary>So many spaces and then an empty object, without saying how long that is.</summary>
    private sealed class EndlessContent : HttpContent
    {
        private readonly int _length;

        public EndlessContent(int length)
        {
            _length = length;
            Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var spaces = new byte[1000];
            Array.Fill(spaces, (byte)' ');
            for (var sent = 0; sent < _length; sent += spaces.Length)
            {
                await stream.WriteAsync(spaces);
            }

            await stream.WriteAsync("{}"u8.ToArray());
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
