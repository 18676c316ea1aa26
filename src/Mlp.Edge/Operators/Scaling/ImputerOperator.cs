using Mlp.Core;

namespace Mlp.Edge;

/// <summary><c>ai.onnx.ml.Imputer</c>: a constant of the column in place of one value, NaN or another, of float32 or int64.</summary>
internal sealed class ImputerOperator<T>(T replaced, T[] constants, EdgeValue input, EdgeValue output) : IEdgeOperator
    where T : unmanaged
{
    public void Run(in EdgeFrame frame)
    {
        var rows = frame.Of<T>(input);
        var result = frame.Of<T>(output);
        var missing = Number.IsNaN(replaced);
        for (var start = 0; start < rows.Length; start += constants.Length)
        {
            for (var i = 0; i < constants.Length; i++)
            {
                var x = rows[start + i];
                result[start + i] = (missing ? Number.IsNaN(x) : Number.Equal(x, replaced)) ? constants[i] : x;
            }
        }
    }
}

/// <summary>Prepares an <c>Imputer</c>.</summary>
internal static class Imputer
{
    public static IEdgeOperator Prepare(OnnxNode node, EdgeGraphBuilder builder)
    {
        var input = builder.Input(node, 0);
        float[] floats = node.Floats("imputed_value_floats");
        long[] longs = node.Ints("imputed_value_int64s");
        if (floats.Length > 0 && longs.Length > 0)
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: imputed_value_floats and imputed_value_int64s are both stated; expected one of them.");
        }

        return input.Type switch
        {
            ElementType.Float32 => Of(node, builder, input, node.Float("replaced_value_float", 0), "imputed_value_floats", floats),
            ElementType.Int64 => Of(node, builder, input, node.Int("replaced_value_int64", 0), "imputed_value_int64s", longs),
            _ => throw builder.Unsupported(node, $"the input {input}", "float32 or int64"),
        };
    }

    private static ImputerOperator<T> Of<T>(OnnxNode node, EdgeGraphBuilder builder, EdgeValue input, T replaced, string name, T[] constants)
        where T : unmanaged => constants.Length > 0
            ? new ImputerOperator<T>(replaced, ColumnConstants.Of(node, builder, input, name, constants), input, builder.Output(node, 0, input.Type, input.Row))
            : throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: no {name} are stated for {input}.");
}
