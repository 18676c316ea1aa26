using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mlp.Core;
using Mlp.Inference;
using OpenTelemetry.Metrics;

namespace Mlp.AspNetCore.Tests;

/// <summary>A real service on a loopback port, with everything that the library maps.</summary>
internal sealed class Service : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _folder;

    private Service(WebApplication app, string folder)
    {
        _app = app;
        _folder = folder;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public HttpClient Client { get; }

    public ModelHost Host => _app.Services.GetRequiredService<ModelHost>();

    public static async Task<Service> StartAsync(Action<MlpInferenceBuilder, string>? models = null, OpenInferenceOptions? options = null, ModelHostOptions? host = null)
    {
        var folder = Directory.CreateTempSubdirectory("mlp-aspnetcore-").FullName;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var inference = builder.Services.AddMlpInference(host);
        (models ?? AddTrees)(inference, folder);
        builder.Services.AddMlpProblems();
        builder.Services.AddMlpMetrics(metrics => metrics.AddPrometheusExporter());
        builder.Services.AddHealthChecks().AddMlpModels();
        var app = builder.Build();
        app.UseExceptionHandler();
        app.MapOpenInferenceProtocol(options);
        app.MapPrometheusScrapingEndpoint();
        app.MapHealthChecks("/health", new HealthCheckOptions { ResponseWriter = HealthJson.WriteAsync });
        app.MapGet("/fails/field", (HttpContext _) => throw new RequestFieldException("origin", "There is no airport 'XXX'."));
        app.MapGet("/fails/tensor", context => context.RequestServices.GetRequiredService<ModelHost>().Get("trees").PredictAsync([1, 2], new float[2]).AsTask());
        app.MapGet("/fails/server", (HttpContext _) => throw new MlpException(InferenceErrors.ExecutionFailed, "secret of the server"));
        app.MapGet("/fails/limit", (HttpContext _) => throw new MlpException(ErrorCodes.LimitReached, "secret of the server"));
        app.MapPost("/fails/large", (HttpContext _) => throw new BadHttpRequestException("Request body too large.", StatusCodes.Status413PayloadTooLarge));
        app.MapGet("/fails/busy", (HttpContext _) => throw new MlpException(InferenceErrors.Overloaded, "full"));
        await app.StartAsync();
        return new Service(app, folder);
    }

    public static void AddTrees(MlpInferenceBuilder builder, string folder) => builder.AddModel(Package(folder, "trees", Trees()).Folder, new HostedModelOptions { Runtime = RuntimeChoice.Edge, Version = "7" });

    public static ModelPackage Package(string folder, string name, OnnxModel model) =>
        new PackageBuilder().Add("model.onnx", model.Write()).Write(Path.Combine(folder, Guid.NewGuid().ToString("N")), new PackageManifest { Name = name, Signature = model.Signature() });

    /// <summary>Three features; the positive class's probability is 0.25 where the first is at most 10, else 0.75.</summary>
    public static OnnxModel Trees()
    {
        var builder = new TreeEnsembleBuilder(3);
        builder.BeginTree().Branch(NodeMode.LessOrEqual, 0, 10, 1, 2).Leaf(0.25f).Leaf(0.75f);
        return TreeEnsembleOnnx.BinaryClassifier(builder.Build());
    }

    public ModelPackage Package(string name, OnnxModel model) => Package(_folder, name, model);

    /// <summary>Posts a body as the protocol's clients do: without a content type.</summary>
    public async Task<(int Status, JsonElement Body)> PostAsync(string path, string body, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        change?.Invoke(request);
        using var response = await Client.SendAsync(request);
        return await ReadAsync(response);
    }

    public async Task<(int Status, JsonElement Body)> GetAsync(string path)
    {
        using var response = await Client.GetAsync(new Uri(path, UriKind.Relative));
        return await ReadAsync(response);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<(int Status, JsonElement Body)> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, JsonDocument.Parse(text).RootElement);
    }
}
