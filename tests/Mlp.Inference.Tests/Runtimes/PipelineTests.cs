using System.Runtime.InteropServices;
using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Runtimes;

/// <summary>Pipelines of several typed inputs: Mlp.Edge takes those whose rows are memory, and leaves texts to ONNX Runtime.</summary>
public class PipelineTests
{
    private static readonly TensorDimension Batch = TensorDimension.Free("batch");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Texts_are_refused_by_the_managed_runtime_and_left_to_onnx_runtime(bool input)
    {
        var file = TestModels.File(input ? Encodes() : Names());
        var refusal = Assert.Throws<MlpException>(() => RuntimeChoice.Edge.Prepare(file, new PrepareOptions()));
        Assert.Equal(InferenceErrors.Unsupported, refusal.Code);
        Assert.Contains(input ? "the input 'word' is texts" : "the output 'y' is texts", refusal.Message, StringComparison.Ordinal);
        using var model = RuntimeChoice.Auto.Prepare(file, new PrepareOptions());
        Assert.Equal("ONNX Runtime", model.Runtime);
        Assert.Contains("is texts", model.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Inputs_of_every_number_type_run_on_the_managed_runtime_as_on_onnx_runtime()
    {
        var file = TestModels.File(Merges());
        using var edge = RuntimeChoice.Edge.Prepare(file, new PrepareOptions());
        using var onnx = RuntimeChoice.OnnxRuntime.Prepare(file, new PrepareOptions());
        Assert.Equal(Run(onnx), Run(edge));

        static float[] Run(IPreparedModel model)
        {
            using var memory = model.CreateMemory(3);
            using var session = model.CreateSession(3);
            MemoryMarshal.Cast<byte, double>(memory.Input(0).Span)[..3].Fill(0.5);
            MemoryMarshal.Cast<byte, long>(memory.Input(1).Span)[..3].Fill(-7);
            memory.Input(2).Span[..3].Fill(1);
            session.Run(memory, 3);
            return MemoryMarshal.Cast<byte, float>(memory.Output(0).Span)[..9].ToArray();
        }
    }

    private static OnnxModel Encodes() => TestModels.Of(
        [new TensorSpec("word", ElementType.String, Batch, TensorDimension.Fixed(1))],
        [new TensorSpec("y", ElementType.Float32, Batch, TensorDimension.Fixed(2))],
        [
            Node("OneHotEncoder", "ai.onnx.ml", "word", "h", ("cats_strings", new[] { "a", "b" })),
            Node("Flatten", "", "h", "y"),
        ]);

    private static OnnxModel Names() => TestModels.Of(
        [new TensorSpec("x", ElementType.Int64, Batch, TensorDimension.Fixed(1))],
        [new TensorSpec("y", ElementType.String, Batch, TensorDimension.Fixed(1))],
        [Node("LabelEncoder", "ai.onnx.ml", "x", "y", ("keys_int64s", new long[] { 1 }), ("values_strings", new[] { "one" }))]);

    private static OnnxModel Merges() => TestModels.Of(
        [new TensorSpec("d", ElementType.Float64, Batch, TensorDimension.Fixed(1)), new TensorSpec("n", ElementType.Int64, Batch, TensorDimension.Fixed(1)), new TensorSpec("b", ElementType.Bool, Batch, TensorDimension.Fixed(1))],
        [new TensorSpec("y", ElementType.Float32, Batch, TensorDimension.Fixed(3))],
        [
            Node("Cast", "", "d", "df", ("to", 1L)),
            Node("Cast", "", "n", "nf", ("to", 1L)),
            Node("Cast", "", "b", "bf", ("to", 1L)),
            Node("Concat", "", "df nf bf", "y", ("axis", 1L)),
        ]);

    private static OnnxNode Node(string op, string domain, string inputs, string output, params (string Name, OnnxAttribute Value)[] attributes) =>
        new() { OpType = op, Domain = domain, Inputs = inputs.Split(' '), Outputs = [output], Attributes = attributes.ToDictionary(static a => a.Name, static a => a.Value) };
}
