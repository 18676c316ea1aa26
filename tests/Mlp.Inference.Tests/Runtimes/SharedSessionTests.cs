using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Runtimes;

public class SharedSessionTests
{
    [Fact]
    public async Task A_buckets_batches_run_on_after_the_batches_of_whole_calls_were_let_go()
    {
        var batching = new BatchingOptions { Instances = 1, BatchRowsMax = 2 };
        var model = RuntimeChoice.OnnxRuntime.Prepare(TestModels.File(Negates()), new PrepareOptions());
        var length = ModelLayout.Of(model.Layout.Signature, new Dictionary<string, int[]> { ["x"] = [3] });
        var bucket = new DynamicBatcher(model.ForRows(length)!, batching);
        await new DynamicBatcher(model, batching).DisposeAsync();

        var output = new float[3];
        await bucket.PredictAsync([1, 2, 3], output);
        Assert.Equal([-1, -2, -3], output);
        await bucket.DisposeAsync();
    }

    [Fact]
    public void A_model_that_is_disposed_twice_lets_go_once()
    {
        using var model = RuntimeChoice.OnnxRuntime.Prepare(TestModels.File(Negates()), new PrepareOptions());
        var length = ModelLayout.Of(model.Layout.Signature, new Dictionary<string, int[]> { ["x"] = [2] });
        using var rows = model.ForRows(length)!;
        model.Dispose();
        model.Dispose();
        using var memory = rows.CreateMemory(1);
        using var session = rows.CreateSession(1);
        memory.InputRows(0, 0, 1)[1] = 5;
        session.Run(memory, 1);
        Assert.Equal(-5, System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(memory.Output(0).Span)[1]);
    }

    private static OnnxModel Negates()
    {
        TensorSpec Spec(string name) => new(name, ElementType.Float32, TensorDimension.Free("batch"), TensorDimension.Free("length"));
        return TestModels.Of([Spec("x")], [Spec("y")], [new OnnxNode { OpType = "Neg", Inputs = ["x"], Outputs = ["y"] }]);
    }
}
