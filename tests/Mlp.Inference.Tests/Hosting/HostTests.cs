using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Hosting;

public class HostTests
{
    private static readonly HostedModelOptions OnEdge = new() { Runtime = RuntimeChoice.Edge };

    [Fact]
    public async Task Versions_are_swapped_under_load_without_a_failed_or_mixed_request()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var packages = Enumerable.Range(0, 6).Select(v => TestModels.Package(folder, TestModels.Adds(1, v * 1000))).ToArray();
        var options = OnEdge with { Batching = new BatchingOptions { BatchRowsMax = 8, Instances = 2 } };
        var model = await host.LoadAsync(packages[0], options with { Version = "0" });
        var oldest = model.Version;
        using var stop = new CancellationTokenSource();
        using var answers = new SemaphoreSlim(0);
        var callers = Enumerable.Range(0, 16).Select(caller => Task.Run(async () =>
        {
            var (last, count) = (0, 0);
            var rows = new float[caller % 4 == 0 ? 50 : 1];
            Array.Fill(rows, caller);
            var outputs = new float[rows.Length];
            while (!stop.IsCancellationRequested)
            {
                await (rows.Length > 1 ? model.PredictManyAsync(rows, outputs) : model.PredictAsync(rows, outputs));
                var version = (int)(outputs[0] - caller) / 1000;
                Assert.All(outputs, o => Assert.Equal(caller + (version * 1000), o));
                Assert.True(version >= last, "an older version answered after a newer one");
                (last, count) = (version, count + 1);
                answers.Release();
            }

            return count;
        })).ToArray();

        for (var v = 1; v < packages.Length; v++)
        {
            for (var i = 0; i < 200; i++)
            {
                await answers.WaitAsync();
            }

            var before = model.Version;
            Assert.Same(model, await host.LoadAsync(packages[v], options with { Version = $"{v}" }));
            await before.Unloaded;
            Assert.Equal($"{v}", model.Version.Version);
            Assert.Equal(packages[v].Digest, model.Version.Digest);
            var output = new float[1];
            await model.PredictAsync([7], output);
            Assert.Equal(7 + (v * 1000), output[0]);
        }

        await stop.CancelAsync();
        Assert.True((await Task.WhenAll(callers)).Sum() >= 1000);
        Assert.True(oldest.Unloaded.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task The_old_version_stays_if_the_new_one_does_not_load()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Adds(1, 5)), OnEdge with { Version = "good" });
        var path = Path.Combine(folder.Path, "damaged");
        var damaged = new PackageBuilder().Add("model.onnx", new byte[] { 1, 2, 3 }).Write(path, new PackageManifest { Name = "model", Signature = model.Signature });
        await Assert.ThrowsAsync<MlpException>(() => host.LoadAsync(damaged, OnEdge));
        Assert.NotNull(model.LastLoadError);
        var signature = await Assert.ThrowsAsync<MlpException>(() => host.LoadAsync(TestModels.Package(folder, TestModels.Adds(2, 5)), OnEdge));
        Assert.Equal(InferenceErrors.SignatureChanged, signature.Code);
        Assert.Contains("float32[batch, 2]", signature.Message, StringComparison.Ordinal);
        Assert.Contains("float32[batch, 1]", signature.Message, StringComparison.Ordinal);
        Assert.Equal("good", model.Version.Version);
        Assert.Equal(6, await model.PredictValueAsync([1]));
        await host.LoadAsync(TestModels.Package(folder, TestModels.Adds(1, 6)), OnEdge with { Version = "better" });
        Assert.Null(model.LastLoadError);
        Assert.Equal(7, await model.PredictValueAsync([1]));
    }

    [Fact]
    public async Task A_package_whose_manifest_states_another_signature_than_its_model_has_is_refused()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var package = new PackageBuilder().Add("model.onnx", TestModels.Identity(3).Write()).Write(Path.Combine(folder.Path, "p"), new PackageManifest { Name = "m", Signature = TestModels.Identity(2).Signature() });
        var error = await Assert.ThrowsAsync<MlpException>(() => host.LoadAsync(package, OnEdge));
        Assert.Equal(ErrorCodes.ModelInvalid, error.Code);
        Assert.False(host.IsReady);
    }

    [Fact]
    public async Task After_an_unload_requests_are_refused_and_the_name_is_free()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var package = TestModels.Package(folder, TestModels.Identity(1), "m");
        var model = await host.LoadAsync(package, OnEdge);
        Assert.True(host.IsReady);
        Assert.Same(model, host.Get("m"));
        Assert.Equal(["m"], host.Models.Select(m => m.Name));
        Assert.True(await host.UnloadAsync("m"));
        Assert.False(await host.UnloadAsync("m"));
        Assert.False(host.IsReady);
        Assert.False(model.IsLoaded);
        Assert.True(model.Version.Unloaded.IsCompleted);
        Assert.Equal(InferenceErrors.UnknownModel, Assert.Throws<MlpException>(() => host.Get("m")).Code);
        Assert.Equal(InferenceErrors.Closed, (await Assert.ThrowsAsync<MlpException>(() => model.PredictAsync([1], new float[1]).AsTask())).Code);
        Assert.Equal(InferenceErrors.Closed, (await Assert.ThrowsAsync<MlpException>(() => model.PredictManyAsync(new float[1], new float[1]).AsTask())).Code);
        Assert.Equal(InferenceErrors.Closed, Assert.Throws<MlpException>(() => model.Predict([1], new float[1])).Code);
        Assert.Equal(InferenceErrors.Closed, Assert.Throws<MlpException>(() => model.PredictMany([1], new float[1])).Code);
        Assert.NotSame(model, await host.LoadAsync(package, OnEdge));
    }

    [Fact]
    public async Task A_disposed_host_loads_nothing_and_its_models_refuse()
    {
        using var folder = new TemporaryFolder();
        var host = new ModelHost();
        var package = TestModels.Package(folder, TestModels.Identity(1));
        var model = await host.LoadAsync(package, OnEdge);
        await host.DisposeAsync();
        await host.DisposeAsync();
        Assert.True(model.Version.Unloaded.IsCompleted);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => host.LoadAsync(package, OnEdge));
        Assert.Equal(InferenceErrors.Closed, Assert.Throws<MlpException>(() => model.Predict([1], new float[1])).Code);
    }

    [Fact]
    public async Task A_host_takes_no_more_models_than_it_may()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost(new ModelHostOptions { ModelsMax = 1 });
        await host.LoadAsync(TestModels.Package(folder, TestModels.Identity(1), "a"), OnEdge);
        Assert.Equal(ErrorCodes.LimitReached, (await Assert.ThrowsAsync<MlpException>(() => host.LoadAsync(TestModels.Package(folder, TestModels.Identity(1), "b"), OnEdge))).Code);
        await host.LoadAsync(TestModels.Package(folder, TestModels.Identity(1), "a"), OnEdge);
    }

    [Fact]
    public async Task Single_many_synchronous_and_bulk_calls_give_the_same_bits_with_edge()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Trees(7, 11, 50, 6)), OnEdge with { Batching = new BatchingOptions { BatchRowsMax = 13, BulkRowsMax = 29, Instances = 2 } });
        Assert.Equal("probabilities", model.Layout.Outputs[model.OutputIndex].Name);
        const int Rows = 300;
        var rows = TestModels.Floats(new Random(3), Rows * 11, 120);
        var bulk = new float[Rows * 2];
        model.PredictMany(rows, bulk);
        var many = new float[Rows * 2];
        await model.PredictManyAsync(rows, many);
        Assert.Equal(bulk, many);
        var single = new float[Rows][];
        await Task.WhenAll(Enumerable.Range(0, Rows).Select(async r => await model.PredictAsync(rows.AsSpan(r * 11, 11), single[r] = new float[2])));
        Assert.Equal(bulk, single.SelectMany(s => s));
        var output = new float[2];
        for (var r = 0; r < Rows; r++)
        {
            model.Predict(rows.AsSpan(r * 11, 11), output);
            Assert.Equal(bulk.AsSpan(r * 2, 2).ToArray(), output);
            Assert.Equal(output[1], await model.PredictValueAsync(rows.AsSpan(r * 11, 11), column: 1));
        }
    }

    [Fact]
    public async Task A_tensor_request_gets_all_outputs_and_the_version_that_gave_them()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Trees(8, 5, 30, 4)), OnEdge with { Version = "3", Batching = new BatchingOptions { BatchRowsMax = 8 } });
        using var rows = new TensorRows(model.Layout, 21);
        TestModels.Floats(new Random(1), 21 * 5, 120).CopyTo(rows.Input(0));
        await model.InferAsync(rows);
        Assert.Equal("3", rows.Version);
        var expected = new float[42];
        model.PredictMany(rows.Input(0), expected);
        Assert.Equal(expected, rows.Output<float>(1).ToArray());
        for (var r = 0; r < 21; r++)
        {
            Assert.Equal(expected[(2 * r) + 1] > 0.5f ? 1 : 0, rows.Output<long>(0)[r]);
        }

        Assert.Equal(ErrorCodes.TensorMismatch, Assert.Throws<MlpException>(() => rows.Output<float>(0)).Code);
    }

    [Fact]
    public async Task Load_time_runtime_and_reason_are_reported()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost(new ModelHostOptions { TimeProvider = new ManualTime() });
        var model = await host.LoadAsync(TestModels.Package(folder, TestModels.Identity(1)), OnEdge);
        Assert.Equal("Mlp.Edge", model.Version.Runtime);
        Assert.NotEmpty(model.Version.RuntimeReason);
        Assert.Equal(12, model.Version.Version.Length);
        Assert.Equal(DateTimeOffset.UnixEpoch.AddTicks(1), model.Version.LoadedAt);
        Assert.Equal(TimeSpan.Zero, model.Version.LoadTime);
        await Assert.ThrowsAsync<MlpException>(() => host.LoadAsync(TestModels.Package(folder, TestModels.Identity(1), "other"), OnEdge with { Output = "none" }));
    }
}
