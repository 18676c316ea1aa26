using Mlp.Core;
using Mlp.Inference;

namespace Mlp.AspNetCore.Tests;

public class WatchedModelTests
{
    [Fact]
    public async Task A_watched_model_is_loaded_before_the_service_listens()
    {
        await using var service = await Service.StartAsync((builder, folder) =>
            builder.AddWatchedModel(_ => new FolderPackageSource(Service.Package(folder, "trees", Service.Trees()).Folder), new HostedModelOptions { Runtime = RuntimeChoice.Edge }));
        Assert.Equal(200, (await service.PostAsync("/v2/models/trees/infer", """{"inputs":[{"name":"features","shape":[1,3],"datatype":"FP32","data":[1,2,3]}]}""")).Status);
    }
}
