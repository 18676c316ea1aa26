using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Mlp.AspNetCore;
using Mlp.Core;
using Mlp.Inference;

namespace Mlp.Benchmarks;

/// <summary>The served side of <c>inference.http</c>, in a process of its own: a web program as a user writes it, and an endpoint that does nothing.</summary>
internal static class HttpServer
{
    /// <summary>The first argument of a process that is to serve.</summary>
    public const string Command = "--serve-http";

    /// <summary>Serves until it is killed.</summary>
    /// <param name="arguments">The command, a package's folder, the runtime (auto or onnx), a port.</param>
    public static async Task RunAsync(IReadOnlyList<string> arguments)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{arguments[3]}");
        await using var host = new ModelHost();
        var package = ModelPackage.Open(arguments[1]);
        await host.LoadAsync(package, new HostedModelOptions { Runtime = arguments[2] == "auto" ? RuntimeChoice.Auto : RuntimeChoice.OnnxRuntime });
        builder.Services.AddMlpInference(host);
        await using var app = builder.Build();
        app.MapOpenInferenceProtocol();
        app.MapPost("/empty", static (HttpContext _) => Task.CompletedTask);
        app.MapGet("/ready", static () => "ready");
        await app.RunAsync();
    }
}
