using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using FlightDelay.Features;
using FlightDelay.Serving;
using Microsoft.AspNetCore.Builder;
using Mlp.Core;
using Mlp.Features;
using Mlp.Inference;

namespace Mlp.EndToEnd.Tests;

/// <summary>What the service says about itself, without the demo: a model of one leaf, and a store that knows nothing yet.</summary>
public sealed class ApiDocumentTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly ModelHost _host = new();
    private readonly HttpClient _client = new();
    private OnlineStore? _store;
    private FeatureReaderPool? _features;
    private WebApplication? _service;

    public async ValueTask InitializeAsync()
    {
        var trees = new TreeEnsembleBuilder(FlightFeatures.Service.RowLength);
        trees.BeginTree().Leaf(0.25f);
        var onnx = TreeEnsembleOnnx.BinaryClassifier(trees.Build());
        var package = new PackageBuilder().Add("model.onnx", onnx.Write()).Write(_folder.At("model"), new PackageManifest { Name = "flight-delay", Signature = onnx.Signature() });
        var model = await _host.LoadAsync(package, new HostedModelOptions { Runtime = RuntimeChoice.Edge, Output = "probabilities" });
        _store = OnlineStore.Open(_folder.At("online"), FlightFeatures.Service);
        _features = _store.CreateReaderPool(FlightFeatures.Service);
        var known = new KnownAirports(new HashSet<string> { "SEA", "BOS" }, new HashSet<string> { "ATL" }, new DateTime(2001, 7, 1, 0, 0, 0, DateTimeKind.Utc));
        _service = FlightService.Build(0, _host, model, _features, known);
        await _service.StartAsync();
        _client.BaseAddress = new Uri(_service.Urls.First());
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _service!.DisposeAsync();
        _features!.Dispose();
        _store!.Dispose();
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_number_of_the_document_is_a_number_and_never_a_text()
    {
        using var document = await DocumentAsync();
        var numbers = Schemas(document.RootElement).Where(s => Types(s).Intersect(["number", "integer"]).Any()).ToArray();
        Assert.NotEmpty(numbers);
        Assert.All(numbers, s =>
        {
            Assert.DoesNotContain("string", Types(s));
            Assert.False(s.TryGetProperty("pattern", out _), s.GetRawText());
        });
    }

    [Fact]
    public async Task The_document_names_every_status_that_a_prediction_can_end_with()
    {
        using var document = await DocumentAsync();
        var responses = Operation(document).GetProperty("responses");
        Assert.Equal(["200", "400", "413", "415", "503"], responses.EnumerateObject().Select(r => r.Name).Order(StringComparer.Ordinal));
        Assert.All(responses.EnumerateObject().Where(r => r.Name != "200"), r => Assert.True(r.Value.GetProperty("content").TryGetProperty("application/problem+json", out _)));
    }

    [Fact]
    public async Task The_document_s_example_is_answered()
    {
        using var document = await DocumentAsync();
        var example = Operation(document).GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("example");
        using var answer = await PostAsync(example.GetRawText(), "application/json");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("{}", "text/plain", 415)]
    [InlineData("{}", null, 400)]
    [InlineData("large", "application/json", 413)]
    [InlineData("{}", "application/json", 400)]
    [InlineData("""{"origin":"SEA","destination":"ATL","departure":"2001-07-01T00:30"}""", "application/json; charset=utf-8", 200)]
    public async Task A_prediction_ends_as_the_document_says(string body, string? type, int status)
    {
        using var answer = await PostAsync(body == "large" ? $$"""{"origin":"{{new string('A', 2 << 20)}}"}""" : body, type);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(status == 200 ? "application/json" : "application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("/docs")]
    [InlineData("/docs/")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/health")]
    public async Task A_page_can_be_asked_for_without_its_body(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, path);
        using var answer = await _client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task The_page_asks_for_nothing_of_others()
    {
        var page = await _client.GetStringAsync(new Uri("/docs/", UriKind.Relative));
        Assert.DoesNotContain("https://", page, StringComparison.Ordinal);
        foreach (var off in (string[])["\"telemetry\":false", "\"hideClientButton\":true", "\"withDefaultFonts\":false", "\"agent\":{\"disabled\":true}", "\"mcp\":{\"disabled\":true}", "\"showDeveloperTools\":\"never\""])
        {
            Assert.Contains(off, page.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }

    private async Task<JsonDocument> DocumentAsync() => JsonDocument.Parse(await _client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)));

    private static JsonElement Operation(JsonDocument document) => document.RootElement.GetProperty("paths").GetProperty("/flights/predict").GetProperty("post");

    private async Task<HttpResponseMessage> PostAsync(string body, string? type)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);

        // The server may refuse before the body is sent.
        using var request = new HttpRequestMessage(HttpMethod.Post, "/flights/predict") { Content = content };
        request.Headers.ExpectContinue = true;
        return await _client.SendAsync(request);
    }

    private static IEnumerable<string> Types(JsonElement schema) => schema.GetProperty("type") is { ValueKind: JsonValueKind.Array } several
        ? several.EnumerateArray().Select(t => t.GetString()!)
        : [schema.GetProperty("type").GetString()!];

    // Every object with a "type" of its own, wherever it lies.
    private static IEnumerable<JsonElement> Schemas(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p => Schemas(p.Value))
            .Concat(element.TryGetProperty("type", out var type) && type.ValueKind is JsonValueKind.String or JsonValueKind.Array ? [element] : []),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Schemas),
        _ => [],
    };
}
