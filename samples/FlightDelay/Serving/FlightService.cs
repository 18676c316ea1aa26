using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Mlp.AspNetCore;
using Mlp.Features;
using Mlp.Inference;
using OpenTelemetry.Metrics;

namespace FlightDelay.Serving;

/// <summary>The web service: the sample's own route, the model's by the Open Inference Protocol, health, metrics and a page to try it all.</summary>
internal static class FlightService
{
    private const long BodyBytesMax = 1 << 20;

    /// <summary>Builds the service; the caller starts it.</summary>
    /// <param name="port">A port of this machine; 0 for any.</param>
    /// <param name="host">Where the model lives.</param>
    /// <param name="model">The model of the flights.</param>
    /// <param name="features">Readers of the online store.</param>
    /// <param name="known">What may be asked for.</param>
    public static WebApplication Build(int port, ModelHost host, HostedModel model, FeatureReaderPool features, KnownAirports known)
    {
        // Not the process's own arguments and environment: the demo has options of its own.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "FlightDelay" });
        builder.Logging.SetMinimumLevel(LogLevel.Warning);

        // What keeps the service from starting comes out of its start, and is told in one line.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = BodyBytesMax;
            kestrel.Listen(System.Net.IPAddress.Loopback, port);
        });
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ServingJson.Default));
        builder.Services.AddMlpInference(host);
        builder.Services.AddMlpProblems();
        builder.Services.AddMlpMetrics(metrics => metrics.AddPrometheusExporter());
        builder.Services.AddHealthChecks().AddMlpModels();
        builder.Services.AddApiPage();

        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.MapApiPage();
        app.MapHealthChecks("/health", new HealthCheckOptions { ResponseWriter = HealthJson.WriteAsync });
        app.MapPrometheusScrapingEndpoint();
        app.MapOpenInferenceProtocol();
        new PredictEndpoint(model, features, known).Map(app);
        return app;
    }
}
