using Mlp.Core;
using Mlp.Inference;
using Mlp.Registry.Client;
using Mlp.Registry.Server;

namespace Mlp.AspNetCore.Tests;

public class RegistrySourceTests
{
    [Fact]
    public async Task A_host_follows_an_alias_of_a_registry()
    {
        var folder = Directory.CreateTempSubdirectory("mlp-alias-").FullName;
        try
        {
            await using var server = await RegistryServer.StartAsync(new RegistryServerOptions { Folder = Path.Combine(folder, "store") });
            using var client = new RegistryClient(new RegistryClientOptions { Server = server.Address, CacheFolder = Path.Combine(folder, "cache") });
            var first = await client.PublishAsync(Service.Package(folder, "trees", Service.Trees()));
            await PointAsync(server, first.Version);
            await using var host = new ModelHost();
            await using var watch = await host.WatchAsync(new RegistryPackageSource(client, "trees", "production"), new HostedModelOptions { Runtime = RuntimeChoice.Edge, Output = "probabilities" });
            Assert.Equal((first.Version, 0.25f), (watch.Model.Version.Version, await watch.Model.PredictValueAsync([1, 2, 3], 1)));
            Assert.False(await watch.CheckAsync());

            var other = new TreeEnsembleBuilder(3);
            other.BeginTree().Leaf(0.5f);
            var second = await client.PublishAsync(Service.Package(folder, "trees", TreeEnsembleOnnx.BinaryClassifier(other.Build())));
            Assert.False(await watch.CheckAsync());
            await PointAsync(server, second.Version);
            Assert.True(await watch.CheckAsync());
            Assert.Equal((second.Version, second.Digest), (watch.Model.Version.Version, watch.Model.Version.Digest));
            Assert.Equal(0.5f, await watch.Model.PredictValueAsync([1, 2, 3], 1));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task PointAsync(RegistryServer server, string version)
    {
        using var http = new HttpClient { BaseAddress = server.Address };
        using var body = new StringContent($$"""{"name":"trees","alias":"production","version":"{{version}}"}""", System.Text.Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri("api/2.0/mlflow/registered-models/alias", UriKind.Relative), body);
        answer.EnsureSuccessStatusCode();
    }
}
