using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mlp.Registry.Server;

/// <summary>A registry in this process: REST on an address of its own, SQLite and a folder behind it.</summary>
public sealed class RegistryServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RegistryServer(WebApplication app, Uri address)
    {
        _app = app;
        Address = address;
    }

    /// <summary>The address that the server listens at, with the port that it has taken.</summary>
    public Uri Address { get; }

    /// <summary>Starts a registry; when this returns, it answers.</summary>
    /// <exception cref="ArgumentException">The options are invalid.</exception>
    /// <exception cref="Core.MlpException">
    /// <c>registry.schema_newer</c>: the folder belongs to a newer version of the program; <c>registry.database_damaged</c>: its database cannot be read;
    /// <c>registry.database_unavailable</c>: it cannot be opened or written.
    /// </exception>
    /// <exception cref="IOException">The address is taken, or the folder cannot be written.</exception>
    public static async Task<RegistryServer> StartAsync(RegistryServerOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();

        // An empty builder: nothing of the host's environment or settings reaches in here.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.AddServerHeader = false).UseUrls(options.Url);
        builder.Services.AddRoutingCore();
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.AddMlpRegistry(options);
        var app = builder.Build();
        try
        {
            app.MapMlpRegistry();
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
            var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
            return new RegistryServer(app, new Uri(addresses.First()));
        }
        catch
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops listening, lets running requests end, and closes the database.</summary>
    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
