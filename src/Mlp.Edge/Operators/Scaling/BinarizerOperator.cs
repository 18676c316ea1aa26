using Mlp.Core;

namespace Mlp.Edge;

/// <summary><c>ai.onnx.ml.Binarizer</c>: 1 above the threshold, else 0. NaN is on neither side and refused, as ONNX Runtime does.</summary>
internal sealed class BinarizerOperator(string node, float threshold, EdgeValue input, EdgeValue output) : IEdgeOperator
{
    public static IEdgeOperator Prepare(OnnxNode node, EdgeGraphBuilder builder)
    {
        var input = builder.Floats(node, 0);
        return new BinarizerOperator(node.ToString(), node.Float("threshold", 0), input, builder.Output(node, 0, ElementType.Float32, input.Row));
    }

    public void Run(in EdgeFrame frame)
    {
        var rows = frame.Floats(input);
        var result = frame.Floats(output);
        for (var i = 0; i < rows.Length; i++)
        {
            result[i] = float.IsNaN(rows[i])
                ? throw new MlpException(ErrorCodes.TensorMismatch, $"{node}: row {i / input.Width} has NaN in column {i % input.Width}, which is on neither side of the threshold.")
                : rows[i] > threshold ? 1 : 0;
        }
    }
}
