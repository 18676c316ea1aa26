using Microsoft.Extensions.Diagnostics.HealthChecks;
using Mlp.Inference;

namespace Mlp.AspNetCore;

/// <summary>Healthy when models answer; degraded when one of them could not be replaced by its next version; unhealthy while there is none.</summary>
internal sealed class ModelHealthCheck(ModelHost host) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var data = new Dictionary<string, object>(StringComparer.Ordinal);
        string? failed = null;
        foreach (var model in host.Models)
        {
            data[model.Name] = $"version {model.Version.Version}, {model.Version.Runtime}, loaded {model.Version.LoadedAt:O}";
            failed ??= model.LastLoadError is null ? null : $"The next version of '{model.Name}' could not be loaded; version {model.Version.Version} answers.";
        }

        var result = !host.IsReady ? HealthCheckResult.Unhealthy(host.Loading.Count > 0 ? $"Loading: {string.Join(", ", host.Loading)}." : "No model is loaded.", data: data)
            : failed is not null ? HealthCheckResult.Degraded(failed, data: data)
            : HealthCheckResult.Healthy($"{data.Count} models answer.", data);
        return Task.FromResult(result);
    }
}
