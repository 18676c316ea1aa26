using Microsoft.Extensions.DependencyInjection;
using Mlp.Inference;
using OpenTelemetry.Metrics;

namespace Mlp.AspNetCore;

/// <summary>The measurements of all Mlp libraries, through OpenTelemetry.</summary>
public static class MlpMetricsExtensions
{
    /// <summary>Collects the meters of Mlp, of ASP.NET Core and of the runtime.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Adds the exporter of the service's choice, such as Prometheus' or OTLP's, and meters of one's own.</param>
    public static IServiceCollection AddMlpMetrics(this IServiceCollection services, Action<MeterProviderBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOpenTelemetry().WithMetrics(metrics =>
        {
            metrics.AddMeter(ModelMetrics.MeterName, "Mlp.*", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime");
            configure(metrics);
        });
        return services;
    }
}
