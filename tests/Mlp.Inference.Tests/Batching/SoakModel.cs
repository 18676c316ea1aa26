using System.Globalization;
using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Batching;

/// <summary>One kind of model in the soak. Each adds its version's number to all it is given.</summary>
internal sealed record SoakModel(IModelRuntime Runtime, BatchingOptions Batching, Func<int, OnnxModel> Onnx)
{
    /// <summary>In a row's second place, for a model that <see cref="CanHang"/>: turns without an end.</summary>
    public const float Hangs = 1e18f;

    private const int FixedRows = 4;

    public LengthBuckets? Buckets { get; init; }

    public bool CanHang { get; init; }

    /// <summary>Several that share slots, one with cores of its own.</summary>
    public static SoakModel[] All()
    {
        var slots = new RunSlots(2);
        return
        [
            new(RuntimeChoice.Edge, new() { BatchRowsMax = 8, QueueRowsMax = 64, Instances = 2, Slots = slots }, Adds),
            new(RuntimeChoice.OnnxRuntime, new() { BatchRowsMax = 32, Instances = 3, Slots = slots, Weight = 2, PreferredBatchRows = [4, 12], Levels = [new PriorityLevel { QueueRowsMax = 40 }, new PriorityLevel { QueueRowsMax = 90 }] }, Adds),
            new(RuntimeChoice.Edge, new() { BatchRowsMax = 16, QueueRowsMax = 200, Instances = 1, DelayMax = TimeSpan.FromMilliseconds(1), LatencyObjective = TimeSpan.FromMilliseconds(200) }, Adds),
            new(RuntimeChoice.OnnxRuntime, new() { BatchRowsMax = 8, QueueRowsMax = 64, Instances = 2, Slots = slots }, AddsToAnyLength) { Buckets = new LengthBuckets { Lengths = [2, 8] } },
            new(RuntimeChoice.OnnxRuntime, new() { QueueRowsMax = 64, Instances = 2, Slots = slots }, AddsToFixedRows),
            new(RuntimeChoice.Edge, new() { BatchRowsMax = 2, QueueRowsMax = 64, Instances = 1 }, AddsToFixedRows),
            new(RuntimeChoice.OnnxRuntime, new() { BatchRowsMax = 8, QueueRowsMax = 64, Instances = 2, Slots = slots, Deadline = TimeSpan.FromMilliseconds(30) }, AddsAfterTurns) { CanHang = true },
        ];
    }

    public async Task<HostedModel> LoadAsync(ModelHost host, TemporaryFolder folder, string name, int version)
    {
        var package = TestModels.Package(folder, Onnx(version), name);
        var loaded = await host.LoadAsync(package, new HostedModelOptions
        {
            Runtime = Runtime,
            Batching = Batching,
            Version = version.ToString(CultureInfo.InvariantCulture),
            Buckets = Buckets,
            Batches = CanHang ? true : null,
        });
        Directory.Delete(package.Folder, recursive: true);
        return loaded;
    }

    private static OnnxModel Adds(int constant) => TestModels.Adds(2, constant);

    private static OnnxModel AddsToAnyLength(int constant) => Adds(constant, TensorDimension.Free("n"), TensorDimension.Free("length"));

    private static OnnxModel AddsToFixedRows(int constant) => Adds(constant, TensorDimension.Fixed(FixedRows), TensorDimension.Fixed(2));

    private static OnnxModel Adds(int constant, TensorDimension rows, TensorDimension columns) => TestModels.Of(
        [new TensorSpec("x", ElementType.Float32, rows, columns)],
        [new TensorSpec("y", ElementType.Float32, rows, columns)],
        [new OnnxNode { OpType = "Add", Inputs = ["x", "c"], Outputs = ["y"] }],
        new() { ["c"] = OnnxTensor.Of([(float)constant], 1) });

    // Goes round as often as the largest second number of the batch says before it adds its constant.
    private static OnnxModel AddsAfterTurns(int constant)
    {
        OnnxValueInfo Scalar(string name, ElementType type) => new(name, new TensorSpec(name, type));
        TensorSpec Rows(string name) => new(name, ElementType.Float32, TensorDimension.Free("n"), TensorDimension.Fixed(2));
        var body = new OnnxGraph
        {
            Name = "body",
            Inputs = [Scalar("i", ElementType.Int64), Scalar("go_in", ElementType.Bool), new OnnxValueInfo("v", Rows("v"))],
            Outputs = [Scalar("go_out", ElementType.Bool), new OnnxValueInfo("w", Rows("w"))],
            Nodes = [new OnnxNode { OpType = "Identity", Inputs = ["go_in"], Outputs = ["go_out"] }, new OnnxNode { OpType = "Identity", Inputs = ["v"], Outputs = ["w"] }],
        };
        return TestModels.Of(
            [Rows("x")],
            [Rows("y")],
            [
                new OnnxNode { OpType = "Gather", Inputs = ["x", "second"], Outputs = ["column"], Attributes = new Dictionary<string, OnnxAttribute> { ["axis"] = 1L } },
                new OnnxNode { OpType = "ReduceMax", Inputs = ["column"], Outputs = ["most"], Attributes = new Dictionary<string, OnnxAttribute> { ["keepdims"] = 0L } },
                new OnnxNode { OpType = "Cast", Inputs = ["most"], Outputs = ["turns"], Attributes = new Dictionary<string, OnnxAttribute> { ["to"] = 7L } },
                new OnnxNode { OpType = "Loop", Inputs = ["turns", "", "x"], Outputs = ["same"], Attributes = new Dictionary<string, OnnxAttribute> { ["body"] = new OnnxAttribute { Graph = body } } },
                new OnnxNode { OpType = "Add", Inputs = ["same", "c"], Outputs = ["y"] },
            ],
            new() { ["second"] = OnnxTensor.Of([1L]), ["c"] = OnnxTensor.Of([(float)constant], 1) });
    }
}
