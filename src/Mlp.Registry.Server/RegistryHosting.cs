using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Mlp.Registry.Server;

/// <summary>A registry inside an ASP.NET Core host.</summary>
public static class RegistryHosting
{
    /// <summary>Adds the registry's services. Its folder and database are opened when the routes are mapped.</summary>
    /// <remarks>
    /// Without a token the routes serve this machine only. A host that listens at an address open to others then does not start
    /// (<c>registry.open_without_token</c>), and a request that comes from elsewhere all the same is refused with 403, unless
    /// <see cref="RegistryServerOptions.AllowAnonymous"/> allows it.
    /// </remarks>
    /// <exception cref="ArgumentException">The options are invalid.</exception>
    public static IServiceCollection AddMlpRegistry(this IServiceCollection services, RegistryServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var limits = options.Limits;
        services.AddSingleton(limits);
        services.AddSingleton(new BearerToken(options.Token));
        services.AddSingleton(new LocalAccess(options is { Token: null, AllowAnonymous: false }));
        services.AddHostedService<ListeningCheck>();
        services.AddSingleton(_ =>
        {
            Directory.CreateDirectory(options.Folder);
            return new RegistryDatabase(Path.Combine(options.Folder, "registry.db"), limits.WriterWaitMax, options.Time);
        });
        services.AddSingleton(_ => new BlobStore(options.Folder, limits.BlobBytesMax, limits.UploadsMax, options.Time));
        services.AddSingleton(p => new PackageStore(p.GetRequiredService<RegistryDatabase>(), p.GetRequiredService<BlobStore>(), limits.EvaluationBytesMax));
        services.AddSingleton<ExperimentStore>().AddSingleton<RunStore>().AddSingleton<RunWrites>();
        services.AddSingleton<ModelStore>().AddSingleton<VersionStore>().AddSingleton<AliasStore>().AddSingleton<PromotionDesk>();
        services.AddSingleton<Answers>();
        services.AddSingleton<ExperimentRoutes>().AddSingleton<RunRoutes>().AddSingleton<ModelRoutes>().AddSingleton<PackageRoutes>().AddSingleton<PromotionRoutes>();
        return services;
    }

    /// <summary>Maps <c>/health</c>, <c>/version</c>, MLflow's REST under <c>/api/2.0/mlflow</c> (and <c>/ajax-api/2.0/mlflow</c>) and the registry's own under <c>/api/2.0/mlp</c>.</summary>
    public static IEndpointRouteBuilder MapMlpRegistry(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        var services = routes.ServiceProvider;
        routes.MapGet("/health", static () => Results.Text("OK"));
        routes.MapGet("/version", static () => Results.Text(Version));
        foreach (var prefix in (string[])["/api/2.0", "/ajax-api/2.0"])
        {
            var group = routes.MapGroup(prefix);
            services.GetRequiredService<ExperimentRoutes>().Map(group);
            services.GetRequiredService<RunRoutes>().Map(group);
            services.GetRequiredService<ModelRoutes>().Map(group);
        }

        var own = routes.MapGroup("/api/2.0");
        services.GetRequiredService<PackageRoutes>().Map(own);
        services.GetRequiredService<PromotionRoutes>().Map(own);
        return routes;
    }

    private static string Version { get; } =
        typeof(RegistryHosting).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
