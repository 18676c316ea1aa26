using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mlp.Inference;

namespace Mlp.AspNetCore;

/// <summary>The Open Inference Protocol (version 2) over REST, for the models of the service's <see cref="ModelHost"/>.</summary>
public static class OpenInferenceEndpoints
{
    /// <summary>Maps the protocol's routes below <c>/v2</c>.</summary>
    /// <param name="endpoints">Where.</param>
    /// <param name="options">Bounds; null for the defaults.</param>
    public static IEndpointConventionBuilder MapOpenInferenceProtocol(this IEndpointRouteBuilder endpoints, OpenInferenceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        options ??= new OpenInferenceOptions();
        options.Validate();
        var server = new OpenInferenceServer(
            endpoints.ServiceProvider.GetRequiredService<ModelHost>(),
            endpoints.ServiceProvider.GetRequiredService<ILoggerFactory>().CreateLogger<OpenInferenceServer>(),
            options);
        var group = endpoints.MapGroup("/v2");
        group.MapGet("/", server.MetadataAsync);
        group.MapGet("/health/live", server.LiveAsync);
        group.MapGet("/health/ready", server.ReadyAsync);
        foreach (var model in (ReadOnlySpan<string>)["/models/{model}", "/models/{model}/versions/{version}"])
        {
            group.MapGet(model, server.ModelAsync);
            group.MapGet(model + "/ready", server.ModelReadyAsync);
            group.MapPost(model + "/infer", server.InferAsync);
        }

        group.Map("/{**path}", server.UnknownAsync);
        return group;
    }
}
