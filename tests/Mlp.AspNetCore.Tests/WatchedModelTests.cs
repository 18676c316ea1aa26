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

    [Fact]
    public async Task A_model_that_was_unloaded_to_make_room_answers_again_when_it_is_asked()
    {
        await using var service = await Service.StartAsync((builder, folder) =>
        {
            var options = new HostedModelOptions { Runtime = RuntimeChoice.Edge, Batching = new BatchingOptions { Instances = 1 } };
            builder.AddModel(Service.Package(folder, "first", Service.Trees()).Folder, options).AddModel(Service.Package(folder, "second", Service.Trees()).Folder, options);
        }, host: new ModelHostOptions { MemoryBytesMax = 60_000 });
        Assert.Equal([false, true], service.Host.Models.Select(m => m.IsLoaded));
        Assert.Equal(503, (await service.GetAsync("/v2/models/first/ready")).Status);
        Assert.Equal(200, (await service.PostAsync("/v2/models/first/infer", """{"inputs":[{"name":"features","shape":[1,3],"datatype":"FP32","data":[1,2,3]}]}""")).Status);
        Assert.Equal([true, false], service.Host.Models.Select(m => m.IsLoaded));
    }
}
