using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mlp.Inference;

namespace Mlp.AspNetCore;

/// <summary>Loads the registered models before the server listens: a model that cannot be loaded stops the start, not the first request.</summary>
internal sealed class ModelLoadingService(ModelHost host, IServiceProvider services, IEnumerable<ModelRegistration> registrations, ILogger<ModelHost> logger) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var registration in registrations)
        {
            await registration.LoadAsync(host, services, cancellationToken).ConfigureAwait(false);
        }

        // Which runtime was taken and why, a fallback to the processor among it, is what an operator looks for first.
        foreach (var model in host.Models)
        {
            ServerLog.Loaded(logger, model.Name, model.Version.Version, model.Version.Runtime, model.Version.RuntimeReason);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
