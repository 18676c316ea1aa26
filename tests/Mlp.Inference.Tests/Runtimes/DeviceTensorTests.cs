using System.Runtime.InteropServices;
using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Runtimes;

/// <summary>Values in memory of the caller's. Here it is the processor's; a device's goes the same way.</summary>
public class DeviceTensorTests
{
    private static readonly TensorDimension Any = TensorDimension.Free("");

    private static OnnxModel Negates => TestModels.Of(
        [new TensorSpec("x", ElementType.Float32, Any, Any)],
        [new TensorSpec("y", ElementType.Float32, Any, Any), new TensorSpec("shape", ElementType.Int64, TensorDimension.Fixed(2))],
        [new OnnxNode { OpType = "Neg", Inputs = ["x"], Outputs = ["y"] }, new OnnxNode { OpType = "Shape", Inputs = ["x"], Outputs = ["shape"] }]);

    [Fact]
    public async Task An_output_is_written_where_the_call_says_and_is_the_next_models_input_where_it_lies()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var negates = await host.LoadAsync(TestModels.Package(folder, Negates, "negates"));
        var adds = await host.LoadAsync(TestModels.Package(folder, TestModels.Adds(2, 10), "adds"), new HostedModelOptions { Runtime = RuntimeChoice.OnnxRuntime, Batches = false });
        using var memory = new Block(6);
        using var end = new Block(6);
        for (var i = 1; i < 20; i++)
        {
            var given = new Dictionary<string, ModelValue> { ["x"] = TensorValue.Of<float>([i, 2, 3, 4, 5, 6], 3, 2) };
            var between = memory.Tensor(3, 2);
            var answer = await negates.RunAsync(given, new Dictionary<string, DeviceTensor> { ["y"] = between });
            Assert.Same(between, answer["y"]);
            Assert.Equal([3L, 2], answer.Tensor("shape").Elements<long>().ToArray());
            Assert.Equal([-i, -2f, -3, -4, -5, -6], memory.Floats);

            await adds.RunAsync(new Dictionary<string, ModelValue> { ["x"] = between }, new Dictionary<string, DeviceTensor> { ["y"] = end.Tensor(3, 2) });
            Assert.Equal([10f - i, 8, 7, 6, 5, 4], end.Floats);
        }

        var copied = await adds.RunAsync(new Dictionary<string, ModelValue> { ["x"] = end.Tensor(3, 2) });
        Assert.Equal([1f, 18, 17, 16, 15, 14], copied.Tensor("y").Elements<float>().ToArray());
        Assert.Contains("not a copy", Assert.Throws<MlpException>(() => Ask(end.Tensor(3, 2))).Message, StringComparison.Ordinal);
        TensorValue Ask(DeviceTensor tensor) => new ModelAnswer(adds.Signature, [tensor], "1").Tensor("y");
    }

    [Fact]
    public void The_runtime_gets_the_memory_itself()
    {
        using var memory = new Block(2);
        using var value = OnnxTensors.Over(memory.Tensor(2), Microsoft.ML.OnnxRuntime.OrtMemoryInfo.DefaultInstance);
        MemoryMarshal.Cast<byte, float>(value.GetTensorMutableRawData())[1] = 7;
        Assert.Equal([0f, 7], memory.Floats);
    }

    [Theory]
    [InlineData("Cuda", 0)]
    [InlineData("CudaPinned", 0)]
    [InlineData("NoSuchMemory", 0)]
    public async Task Memory_that_the_session_does_not_have_is_an_error_that_names_it(string kind, int id)
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, Negates));
        using var memory = new Block(2);
        var there = new DeviceTensor(ElementType.Float32, memory.Address, new DeviceMemory(kind, id), 1, 2);
        var inHost = TensorValue.Of<float>([1, 2], 1, 2);
        foreach (var call in new[]
        {
            () => model.RunAsync(new Dictionary<string, ModelValue> { ["x"] = there }).AsTask(),
            () => model.RunAsync(new Dictionary<string, ModelValue> { ["x"] = inHost }, new Dictionary<string, DeviceTensor> { ["y"] = there }).AsTask(),
        })
        {
            var error = await Assert.ThrowsAsync<MlpException>(call);
            Assert.Equal(InferenceErrors.Unsupported, error.Code);
            Assert.Contains($"{kind} {id}", error.Message, StringComparison.Ordinal);
        }

        await model.RunAsync(new Dictionary<string, ModelValue> { ["x"] = memory.Tensor(1, 2) });
    }

    [Fact]
    public async Task A_model_of_rows_or_a_runtime_without_devices_refuses_them()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        using var memory = new Block(2);
        var rows = await host.LoadAsync(TestModels.Package(folder, TestModels.Adds(2, 1), "rows"));
        var whole = await host.LoadAsync(TestModels.Package(folder, Negates, "whole"), new HostedModelOptions { Runtime = new Wrapped(takes: false, null) });
        foreach (var (model, expected) in new[] { (rows, "HostedModelOptions.Batches = false"), (whole, "takes no memory of a device") })
        {
            var error = await Assert.ThrowsAsync<MlpException>(() => model.RunAsync(new Dictionary<string, ModelValue> { ["x"] = memory.Tensor(1, 2) }).AsTask());
            Assert.Equal(InferenceErrors.Unsupported, error.Code);
            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_does_not_fit_is_an_error_and_the_memory_stays_as_it_is()
    {
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, Negates));
        using var memory = new Block(6);
        var x = new Dictionary<string, ModelValue> { ["x"] = TensorValue.Of<float>([1, 2], 1, 2) };
        foreach (var (name, tensor, code, expected) in new[]
        {
            ("z", memory.Tensor(1, 2), ErrorCodes.TensorMismatch, "no output 'z'"),
            ("y", memory.Tensor(2), ErrorCodes.TensorMismatch, "The output 'y' is float32[2] in Cpu 0; expected y"),
            ("shape", memory.Tensor(2), ErrorCodes.TensorMismatch, "The output 'shape' is tensor(float32); expected tensor(int64)"),
            ("y", memory.Tensor(3, 2), InferenceErrors.ExecutionFailed, "3"),
        })
        {
            var error = await Assert.ThrowsAsync<MlpException>(() => model.RunAsync(x, new Dictionary<string, DeviceTensor> { [name] = tensor }).AsTask());
            Assert.Equal(code, error.Code);
            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(new float[6], memory.Floats);
        foreach (var wrong in new[]
        {
            () => new DeviceTensor(ElementType.Float32, 0, DeviceMemory.Host, 1),
            () => new DeviceTensor(ElementType.Float32, memory.Address + 2, DeviceMemory.Host, 1),
            () => new DeviceTensor(ElementType.Float32, memory.Address, DeviceMemory.Host, -1),
            () => new DeviceTensor(ElementType.Float32, memory.Address, DeviceMemory.Host, long.MaxValue, 4),
            () => new DeviceTensor(ElementType.String, memory.Address, DeviceMemory.Host, 1),
        })
        {
            Assert.Equal(ErrorCodes.TensorMismatch, Assert.Throws<MlpException>(wrong).Code);
        }

        Assert.ThrowsAny<ArgumentException>(() => new DeviceTensor(ElementType.Float32, memory.Address, default, 1));
    }

    [Fact]
    public async Task After_a_cancelled_call_nothing_touches_the_callers_memory()
    {
        using var folder = new TemporaryFolder();
        using var gate = new Gate();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, Negates), new HostedModelOptions { Runtime = new Wrapped(takes: true, gate), Batching = new BatchingOptions { Instances = 1 } });
        using var memory = new Block(2);
        using var cancel = new CancellationTokenSource();
        var x = new Dictionary<string, ModelValue> { ["x"] = TensorValue.Of<float>([1, 2], 1, 2) };
        var y = new Dictionary<string, DeviceTensor> { ["y"] = memory.Tensor(1, 2) };
        var running = model.RunAsync(x, y, cancellationToken: cancel.Token).AsTask();
        gate.AwaitArrival();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        gate.Open();

        // The one instance comes to this only after the run before it.
        await model.RunAsync(x);
        Assert.Equal(new float[2], memory.Floats);
        await model.RunAsync(x, y);
        Assert.Equal([-1f, -2], memory.Floats);
    }

    [Fact]
    public void The_end_of_a_call_waits_for_the_run_that_is_under_way_and_forbids_another()
    {
        var call = new DeviceCall([]);
        Assert.True(call.TryBegin());
        var end = call.LetGoAsync();
        Assert.False(end.IsCompleted);
        call.End();
        Assert.True(end.IsCompletedSuccessfully);
        Assert.False(call.TryBegin());

        var idle = new DeviceCall([]);
        Assert.True(idle.TryBegin());
        idle.End();
        Assert.True(idle.LetGoAsync().IsCompletedSuccessfully);
    }

    private sealed class Block : IDisposable
    {
        private readonly int _floats;

        public Block(int floats)
        {
            _floats = floats;
            Address = Marshal.AllocHGlobal(floats * sizeof(float));
            Marshal.Copy(new float[floats], 0, Address, floats);
        }

        public nint Address { get; }

        public float[] Floats
        {
            get
            {
                var floats = new float[_floats];
                Marshal.Copy(Address, floats, 0, _floats);
                return floats;
            }
        }

        public DeviceTensor Tensor(params long[] shape) => new(ElementType.Float32, Address, DeviceMemory.Host, shape);

        public void Dispose() => Marshal.FreeHGlobal(Address);
    }

    /// <summary>ONNX Runtime whose first run waits at a gate, or that says it takes no memory of a device.</summary>
    private sealed class Wrapped(bool takes, Gate? gate) : IModelRuntime
    {
        public string Name => "wrapped";

        public IPreparedModel Prepare(ModelFile file, PrepareOptions options) => new Model(RuntimeChoice.OnnxRuntime.Prepare(file, options), takes, gate);

        private sealed class Model(IPreparedModel inner, bool takes, Gate? gate) : IPreparedModel
        {
            public string Runtime => inner.Runtime;

            public string Reason => inner.Reason;

            public ModelLayout Layout => inner.Layout;

            public bool TakesDeviceTensors => takes;

            public IReadOnlyList<int> BatchSizes(int rowsMax) => inner.BatchSizes(rowsMax);

            public ModelMemory CreateMemory(int rowsMax) => inner.CreateMemory(rowsMax);

            public IModelSession CreateSession(int rowsMax) => new Session(inner.CreateSession(rowsMax), gate);

            public void Dispose() => inner.Dispose();
        }

        private sealed class Session(IModelSession inner, Gate? gate) : IModelSession
        {
            public void Run(ModelMemory memory, int rows)
            {
                gate?.Pass();
                inner.Run(memory, rows);
            }

            public void Dispose() => inner.Dispose();
        }
    }
}
