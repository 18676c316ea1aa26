using Mlp.Core;

namespace Mlp.Edge;

/// <summary>The rows of an operator of <c>ai.onnx.ml</c> that takes every number type and works in float32.</summary>
internal static class FloatRows
{
    /// <summary>An input as rows of floats, cast first where it is of another type.</summary>
    public static EdgeValue Of(OnnxNode node, EdgeGraphBuilder builder, int index)
    {
        var input = builder.Input(node, index);
        if (!input.IsMatrix)
        {
            // ONNX Runtime takes [n] for one row of n, which is no batch.
            throw builder.Unsupported(node, $"the input {index}, {input}", "[batch, width]");
        }

        return AnyShape(node, builder, index);
    }

    /// <summary>The same for operators that look at each element alone.</summary>
    public static EdgeValue AnyShape(OnnxNode node, EdgeGraphBuilder builder, int index)
    {
        var input = builder.Input(node, index);
        if (input.Type == ElementType.Float32)
        {
            return input;
        }

        if (input.Type != ElementType.Float64 && !(PipelineSwitch.IsOn && input.Type is (ElementType.Int64 or ElementType.Int32)))
        {
            throw builder.Unsupported(node, $"the input {index}, {input}", "float32, float64, int32 or int64");
        }

        var floats = builder.Scratch(ElementType.Float32, input.Width) with { Row = input.Row };
        builder.Add(Cast.Of(input, floats));
        return floats;
    }
}
