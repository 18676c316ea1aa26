using System.Globalization;
using Mlp.Core;
using Mlp.Inference.Tests.Batching;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Hosting;

[Collection(nameof(Alone))]
public class UnloadMemoryTests
{
    [Fact]
    public async Task Memory_comes_back_after_unloads()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Reads the process's memory from /proc.");
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        const int ModelMB = 64;
        var package = TestModels.Package(folder, TestModels.Net(1, 2048, 2048, 2048, 2048, 2048));
        var after = new List<long>();
        for (var i = 0; i < 10; i++)
        {
            var model = await host.LoadAsync(package, new HostedModelOptions { Runtime = RuntimeChoice.OnnxRuntime });
            var rows = new float[2048 * 128];
            await model.PredictManyAsync(rows, rows);
            var version = model.Version;
            await host.UnloadAsync("model");
            await version.Unloaded;
            after.Add(ResidentMB());
        }

        Assert.True(after.Skip(1).Min() < after[0] + ModelMB && after[^1] < after[0] + (2 * ModelMB), $"MB after each unload: {string.Join(", ", after)}");
        Console.WriteLine($"MB after each unload: {string.Join(", ", after)}");
    }

    private static long ResidentMB()
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmRSS", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }
}
