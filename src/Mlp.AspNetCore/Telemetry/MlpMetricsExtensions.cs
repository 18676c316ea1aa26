using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Mlp.Inference;
using OpenTelemetry.Metrics;

namespace Mlp.AspNetCore;

/// <summary>The measurements of all Mlp libraries for Prometheus, through OpenTelemetry.</summary>
public static class MlpMetricsExtensions
{
    /// <summary>Collects the meters of Mlp, of ASP.NET Core and of the runtime.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Adds meters or exporters of one's own.</param>
    public static IServiceCollection AddMlpMetrics(this IServiceCollection services, Action<MeterProviderBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOpenTelemetry().WithMetrics(metrics =>
        {
            metrics.AddMeter(ModelMetrics.MeterName, "Mlp.*", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime").AddPrometheusExporter();
            configure?.Invoke(metrics);
        });
        return services;
    }

    /// <summary>Answers Prometheus' scrapes.</summary>
    public static IEndpointConventionBuilder MapMlpMetrics(this IEndpointRouteBuilder endpoints, string path = "/metrics") => endpoints.MapPrometheusScrapingEndpoint(path);
}
