using Microsoft.Extensions.Hosting;
using Mlp.Inference;

namespace Mlp.AspNetCore;

/// <summary>Loads the registered models before the server listens: a model that cannot be loaded stops the start, not the first request.</summary>
internal sealed class ModelLoadingService(ModelHost host, IServiceProvider services, IEnumerable<ModelRegistration> registrations) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var registration in registrations)
        {
            await registration.LoadAsync(host, services, cancellationToken).ConfigureAwait(false);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
