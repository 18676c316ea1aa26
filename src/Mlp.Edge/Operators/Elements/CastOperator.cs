using Mlp.Core;

namespace Mlp.Edge;

/// <summary>
/// <c>Cast</c> among bool, int32, int64, float32 and float64. Floats lose their fraction on the way to whole numbers; what does not fit becomes
/// the nearest that does, and NaN 0, on every processor alike (the specification leaves both open).
/// </summary>
internal sealed class CastOperator<TFrom, TTo>(EdgeValue input, EdgeValue output) : IEdgeOperator
    where TFrom : unmanaged
    where TTo : unmanaged
{
    public void Run(in EdgeFrame frame)
    {
        var rows = frame.Of<TFrom>(input);
        var result = frame.Of<TTo>(output);
        for (var i = 0; i < rows.Length; i++)
        {
            result[i] = Number.Cast<TFrom, TTo>(rows[i]);
        }
    }
}

/// <summary>Picks the cast of two types.</summary>
internal static class Cast
{
    public static IEdgeOperator? Prepare(OnnxNode node, EdgeGraphBuilder builder)
    {
        var input = builder.Input(node, 0);
        var to = (ElementType)node.Int("to", 0);
        if (to == input.Type)
        {
            return Shapes.Identity(node, builder);
        }

        if (!IsCast(input.Type) || !IsCast(to) || (!PipelineSwitch.IsOn && !(IsFloating(input.Type) && IsFloating(to))))
        {
            throw builder.Unsupported(node, $"a cast of {input} to the element type {(int)to}", "bool, int32, int64, float32, float64 and string");
        }

        var output = builder.Output(node, 0, to, input.Row);
        return (input.Type, to) switch
        {
            (ElementType.String, _) when PipelineSwitch.IsOn => new TextToNumber(node.ToString(), input, output),
            (_, ElementType.String) when PipelineSwitch.IsOn => new NumberToText(input, output),
            _ => Of(input, output),
        };
    }

    /// <summary>Numbers of the one type as numbers of the other.</summary>
    public static IEdgeOperator Of(EdgeValue input, EdgeValue output) => input.Type switch
    {
        ElementType.Float32 => To<float>(input, output),
        ElementType.Float64 => To<double>(input, output),
        ElementType.Int64 when PipelineSwitch.IsOn => To<long>(input, output),
        ElementType.Int32 when PipelineSwitch.IsOn => To<int>(input, output),
        _ when PipelineSwitch.IsOn => To<byte>(input, output),
        _ => throw new InvalidOperationException($"{input} is no float"),
    };

    private static IEdgeOperator To<TFrom>(EdgeValue input, EdgeValue output)
        where TFrom : unmanaged => output.Type switch
    {
        ElementType.Float32 => new CastOperator<TFrom, float>(input, output),
        ElementType.Float64 => new CastOperator<TFrom, double>(input, output),
        ElementType.Int64 when PipelineSwitch.IsOn => new CastOperator<TFrom, long>(input, output),
        ElementType.Int32 when PipelineSwitch.IsOn => new CastOperator<TFrom, int>(input, output),
        _ when PipelineSwitch.IsOn => new CastOperator<TFrom, byte>(input, output),
        _ => throw new InvalidOperationException($"{output} is no float"),
    };

    private static bool IsFloating(ElementType type) => type is ElementType.Float32 or ElementType.Float64;

    private static bool IsCast(ElementType type) =>
        type is ElementType.Bool or ElementType.Int32 or ElementType.Int64 or ElementType.Float32 or ElementType.Float64 or ElementType.String;
}
