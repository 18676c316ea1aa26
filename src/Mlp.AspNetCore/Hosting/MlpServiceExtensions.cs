using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Mlp.Inference;

namespace Mlp.AspNetCore;

/// <summary>Puts Mlp into a service's container.</summary>
public static class MlpServiceExtensions
{
    /// <summary>Adds a <see cref="ModelHost"/>, which the container disposes (and thereby drains) at the end.</summary>
    public static MlpInferenceBuilder AddMlpInference(this IServiceCollection services, ModelHostOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        options?.Validate();
        services.TryAddSingleton(_ => new ModelHost(options));
        return AddLoading(services);
    }

    /// <summary>Adds a host that the program made, and disposes itself.</summary>
    public static MlpInferenceBuilder AddMlpInference(this IServiceCollection services, ModelHost host)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(host);
        services.TryAddSingleton(host);
        return AddLoading(services);
    }

    /// <summary>Answers an <see cref="Mlp.Core.MlpException"/> with a problem body of RFC 9457. Needs <c>app.UseExceptionHandler()</c>.</summary>
    public static IServiceCollection AddMlpProblems(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddProblemDetails();
        return services.AddExceptionHandler<MlpExceptionHandler>();
    }

    /// <summary>Adds the state of the hosted models to the health report.</summary>
    public static IHealthChecksBuilder AddMlpModels(this IHealthChecksBuilder builder, string name = "models", params string[] tags)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(name, static services => new ModelHealthCheck(services.GetRequiredService<ModelHost>()), null, tags));
    }

    private static MlpInferenceBuilder AddLoading(IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ModelLoadingService>());
        return new MlpInferenceBuilder(services);
    }
}
