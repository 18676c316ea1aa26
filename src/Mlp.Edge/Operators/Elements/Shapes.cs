using Mlp.Core;

namespace Mlp.Edge;

/// <summary>
/// <c>Identity</c>, <c>Reshape</c>, <c>Flatten</c>, <c>Squeeze</c>, <c>Unsqueeze</c>, as far as rows stay the batch: the same memory under another name, nothing to run; and
/// <c>Constant</c>.
/// </summary>
internal static class Shapes
{
    /// <summary>Signatures describe a class map as its tensor of scores, so that <c>ZipMap</c> is an identity as well.</summary>
    public static IEdgeOperator? Identity(OnnxNode node, EdgeGraphBuilder builder) => Same(node, builder, builder.Input(node, 0).Row);

    public static IEdgeOperator? Reshape(OnnxNode node, EdgeGraphBuilder builder)
    {
        var input = builder.Input(node, 0);
        var shape = ConstantNumbers.Ints(node, builder, 1, "shape") ?? throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: no shape is stated.");
        var copies = node.Int("allowzero", 0) == 0;
        var row = new int[Math.Max(0, shape.Length - 1)];
        var (known, open) = (1L, -1);
        for (var i = 0; i < row.Length; i++)
        {
            var length = shape[i + 1];
            if (length == 0 && copies && i < input.Row.Length)
            {
                length = input.Row[i];
            }

            if (length == -1 && open < 0)
            {
                open = i;
            }
            else
            {
                known = length is > 0 and <= int.MaxValue ? Math.Min(known * length, long.MaxValue >> 32) : -1;
                row[i] = (int)length;
            }

            if (known <= 0)
            {
                throw Moves(node, builder, input, shape);
            }
        }

        // -1 in front leaves the rows what they are where all other dimensions are stated; 0 says that they are.
        if (shape.Length == 0 || shape[0] is not (-1 or 0) || (shape[0] == 0 && !copies) || (shape[0] == -1 && open >= 0) || (open >= 0 ? input.Width % known != 0 : input.Width != known))
        {
            throw Moves(node, builder, input, shape);
        }

        if (open >= 0)
        {
            row[open] = (int)(input.Width / known);
        }

        return Same(node, builder, row);
    }

    public static IEdgeOperator? Flatten(OnnxNode node, EdgeGraphBuilder builder) => node.Int("axis", 1) == 1 || node.Int("axis", 1) == -builder.Input(node, 0).Row.Length
        ? Same(node, builder, [builder.Input(node, 0).Width])
        : throw builder.Unsupported(node, $"the attribute 'axis' = {node.Int("axis", 1)}", "1, as rows are the batch");

    public static IEdgeOperator? Squeeze(OnnxNode node, EdgeGraphBuilder builder)
    {
        var row = builder.Input(node, 0).Row;
        var axes = ConstantNumbers.Ints(node, builder, 1, "axes") ?? throw builder.Unsupported(node, "no 'axes'", "axes, as the batch may be one row");
        var drops = Axes(node, builder, axes, row.Length + 1);
        var left = new List<int>();
        for (var i = 0; i < row.Length; i++)
        {
            if (!drops[i + 1])
            {
                left.Add(row[i]);
            }
            else if (row[i] != 1)
            {
                throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: axis {i + 1} of {builder.Input(node, 0)} has {row[i]} elements; only 1 can be left out.");
            }
        }

        return Same(node, builder, [.. left]);
    }

    public static IEdgeOperator? Unsqueeze(OnnxNode node, EdgeGraphBuilder builder)
    {
        var input = builder.Input(node, 0);
        var axes = ConstantNumbers.Ints(node, builder, 1, "axes") ?? throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: no axes are stated.");
        var adds = Axes(node, builder, axes, input.Row.Length + 1 + axes.Length);
        var row = new List<int>(input.Row);
        for (var i = 1; i < adds.Length; i++)
        {
            if (adds[i])
            {
                row.Insert(i - 1, 1);
            }
        }

        return Same(node, builder, [.. row]);
    }

    public static IEdgeOperator? Constant(OnnxNode node, EdgeGraphBuilder builder)
    {
        OnnxTensor? tensor = null;
        foreach (var (name, value) in node.Attributes)
        {
            tensor = (name, value) switch
            {
                ("value", { Tensor: { } given }) => given,
                ("value_float", { Float: { } number }) => OnnxTensor.Of([number]),
                ("value_floats", { Floats: { } numbers }) => OnnxTensor.Of(numbers, numbers.Length),
                ("value_int", { Int: { } number }) => OnnxTensor.Of([number]),
                ("value_ints", { Ints: { } numbers }) => OnnxTensor.Of(numbers, numbers.Length),
                ("value_string", { Text: { } text }) => OnnxTensor.Of([text]),
                ("value_strings", { Texts: { } texts }) => OnnxTensor.Of(texts, texts.Length),
                _ => throw builder.Unsupported(node, $"the attribute '{name}'", "a value, or value_float, _floats, _int, _ints, _string, _strings"),
            };
        }

        builder.AddConstant(node.Outputs.Count == 1 ? node.Outputs[0] : "", tensor ?? throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: no value is stated."));
        return null;
    }

    private static CopyOperator? Same(OnnxNode node, EdgeGraphBuilder builder, int[] row)
    {
        var input = builder.Input(node, 0);
        return builder.Alias(node, 0, input, row) is null ? new CopyOperator(input, builder.Output(node, 0, input.Type, row)) : null;
    }

    private static bool[] Axes(OnnxNode node, EdgeGraphBuilder builder, long[] axes, int rank)
    {
        var marked = new bool[rank];
        foreach (var stated in axes)
        {
            var axis = stated < 0 ? stated + rank : stated;
            if (axis < 1 || axis >= rank || marked[axis])
            {
                throw builder.Unsupported(node, $"the axis {stated} of {rank}", $"different axes from 1 to {rank - 1}, as rows are the batch");
            }

            marked[axis] = true;
        }

        return marked;
    }

    private static MlpException Moves(OnnxNode node, EdgeGraphBuilder builder, EdgeValue input, long[] shape) =>
        builder.Unsupported(node, $"{input} in the shape [{string.Join(", ", shape)}]", $"-1 or 0 in front and {input.Width} elements behind it, as rows are the batch");
}
