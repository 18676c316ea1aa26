using Mlp.Core;

namespace Mlp.Edge;

/// <summary><c>Clip</c>: elements no lower than one constant and no higher than another. The higher bound wins where they cross, and NaN stays.</summary>
internal sealed class ClipOperator<T>(T low, T high, EdgeValue input, EdgeValue output) : IEdgeOperator
    where T : unmanaged
{
    public void Run(in EdgeFrame frame)
    {
        var rows = frame.Of<T>(input);
        var result = frame.Of<T>(output);
        for (var i = 0; i < rows.Length; i++)
        {
            var x = rows[i];
            x = Number.Less(x, low) ? low : x;
            result[i] = Number.Less(high, x) ? high : x;
        }
    }
}

/// <summary>Reads the bounds of a <c>Clip</c>: inputs, or attributes before operator set 11; one that is left out is the largest finite number, as the specification has it.</summary>
internal static class Clip
{
    public static IEdgeOperator Prepare(OnnxNode node, EdgeGraphBuilder builder)
    {
        var input = builder.Input(node, 0);
        return input.Type switch
        {
            ElementType.Float32 => Of<float>(node, builder, input, float.MinValue, float.MaxValue),
            ElementType.Float64 => Of<double>(node, builder, input, double.MinValue, double.MaxValue),
            ElementType.Int64 => Of<long>(node, builder, input, long.MinValue, long.MaxValue),
            ElementType.Int32 => Of<int>(node, builder, input, int.MinValue, int.MaxValue),
            _ => throw builder.Unsupported(node, $"the input {input}", "float32, float64, int32 or int64"),
        };
    }

    private static ClipOperator<T> Of<T>(OnnxNode node, EdgeGraphBuilder builder, EdgeValue input, T lowest, T highest)
        where T : unmanaged =>
        new(Bound(node, builder, 1, "min", input.Type, lowest), Bound(node, builder, 2, "max", input.Type, highest), input, builder.Output(node, 0, input.Type, input.Row));

    private static T Bound<T>(OnnxNode node, EdgeGraphBuilder builder, int input, string name, ElementType type, T none)
        where T : unmanaged
    {
        if (!EdgeGraphBuilder.Has(node, input))
        {
            return node.Attributes.ContainsKey(name) ? Number.Cast<float, T>(node.Float(name, 0)) : none;
        }

        return builder.ConstantOf(node, input) switch
        {
            null => throw builder.Unsupported(node, $"an input '{name}' that is no constant", "a constant"),
            { } bound when bound.Type == type && bound.Data.Length == type.SizeBytes() => RowShapes.Spread<T>(bound, [1])[0],
            { } other => throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: '{name}' is {other}; expected one {type.Name()}."),
        };
    }
}
