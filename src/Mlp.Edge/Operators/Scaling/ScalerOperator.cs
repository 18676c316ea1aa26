using System.Numerics.Tensors;
using Mlp.Core;

namespace Mlp.Edge;

/// <summary><c>ai.onnx.ml.Scaler</c>: (x − offset) × scale a column, as floats. Doubles are scaled before they are rounded, whole numbers after.</summary>
internal sealed class DoubleScaler(float[] offset, float[] scale, EdgeValue input, EdgeValue output) : IEdgeOperator
{
    public void Run(in EdgeFrame frame)
    {
        var rows = frame.Doubles(input);
        var result = frame.Floats(output);
        for (var start = 0; start < rows.Length; start += offset.Length)
        {
            for (var i = 0; i < offset.Length; i++)
            {
                result[start + i] = (float)((rows[start + i] - offset[i]) * scale[i]);
            }
        }
    }
}

/// <summary>The same for floats, in vectors.</summary>
internal sealed class FloatScaler(float[] offset, float[] scale, EdgeValue input, EdgeValue output) : IEdgeOperator
{
    public void Run(in EdgeFrame frame)
    {
        var rows = frame.Floats(input);
        var result = frame.Floats(output);
        for (var start = 0; start < rows.Length; start += offset.Length)
        {
            var row = result.Slice(start, offset.Length);
            TensorPrimitives.Subtract(rows.Slice(start, offset.Length), offset, row);
            TensorPrimitives.Multiply(row, scale, row);
        }
    }
}

/// <summary>Prepares a <c>Scaler</c>.</summary>
internal static class Scaler
{
    public static IEdgeOperator Prepare(OnnxNode node, EdgeGraphBuilder builder)
    {
        var input = builder.Input(node, 0);
        float[] offsets = node.Floats("offset"), scales = node.Floats("scale");
        if (offsets.Length != scales.Length)
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: {offsets.Length} offsets and {scales.Length} scales; expected as many of both.");
        }

        var offset = ColumnConstants.Of(node, builder, input, "offset", offsets);
        var scale = ColumnConstants.Of(node, builder, input, "scale", scales);
        if (input.Type == ElementType.Float64)
        {
            return new DoubleScaler(offset, scale, input, builder.Output(node, 0, ElementType.Float32, input.Row));
        }

        var floats = FloatRows.AnyShape(node, builder, 0);
        return new FloatScaler(offset, scale, floats, builder.Output(node, 0, ElementType.Float32, input.Row));
    }
}
