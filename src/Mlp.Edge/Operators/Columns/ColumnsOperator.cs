using System.Runtime.InteropServices;
using Mlp.Core;

namespace Mlp.Edge;

/// <summary>Chosen elements of each row, of any type.</summary>
internal sealed class ColumnsOperator(int[] columns, EdgeValue input, EdgeValue output) : IEdgeOperator
{
    public void Run(in EdgeFrame frame)
    {
        if (input.Type == ElementType.String)
        {
            var texts = frame.Texts(output);
            for (int i = 0, r = 0; r < frame.Rows; r++)
            {
                foreach (var column in columns)
                {
                    texts[i++] = frame.Text(input, (r * input.Width) + column);
                }
            }

            return;
        }

        switch (input.Type.SizeBytes())
        {
            case 1: Pick<byte>(frame); break;
            case 4: Pick<int>(frame); break;
            default: Pick<long>(frame); break;
        }
    }

    private void Pick<T>(in EdgeFrame frame)
        where T : unmanaged
    {
        var rows = frame.Of<T>(input);
        var result = frame.Of<T>(output);
        for (int i = 0, start = 0; i < result.Length; start += input.Width)
        {
            foreach (var column in columns)
            {
                result[i++] = rows[start + column];
            }
        }
    }
}

/// <summary>Prepares <c>Slice</c>, <c>Gather</c> and <c>ai.onnx.ml.ArrayFeatureExtractor</c> of columns, and <c>Gather</c> of constants by row.</summary>
internal static class Columns
{
    public static IEdgeOperator Slice(OnnxNode node, EdgeGraphBuilder builder)
    {
        var input = builder.Input(node, 0);
        var starts = ConstantNumbers.Ints(node, builder, 1, "starts") ?? [];
        var ends = ConstantNumbers.Ints(node, builder, 2, "ends") ?? [];
        var axes = ConstantNumbers.Ints(node, builder, 3, "axes") ?? [0];
        var steps = ConstantNumbers.Ints(node, builder, 4, "steps") ?? [1];
        if (!input.IsMatrix || starts.Length != 1 || ends.Length != 1 || axes is not [1 or -1] || steps is not [not 0])
        {
            throw builder.Unsupported(node, $"a slice of {input} over the axes [{string.Join(", ", axes)}]", "one of [batch, width] over the axis 1, as rows are the batch");
        }

        // Places before the first and behind the last are cut off, as the specification has it.
        var (width, step) = (input.Width, steps[0]);
        var start = Math.Clamp(starts[0] < 0 ? starts[0] + width : starts[0], 0, step < 0 ? width - 1 : width);
        var end = Math.Clamp(ends[0] < 0 ? Math.Max(ends[0], -1L - width) + width : ends[0], step < 0 ? -1 : 0, width);
        var columns = new List<int>();
        for (var i = start; step > 0 ? i < end : i > end; i = step > width || step < -width ? end : i + step)
        {
            columns.Add((int)i);
        }

        return columns.Count > 0 ? Pick(node, builder, [.. columns], [columns.Count]) : throw builder.Unsupported(node, $"a slice of no columns of {input}", "at least one column");
    }

    public static IEdgeOperator Gather(OnnxNode node, EdgeGraphBuilder builder)
    {
        if (builder.ConstantOf(node, 0) is { } labels)
        {
            return LookUp(node, builder, labels);
        }

        var input = builder.Input(node, 0);
        var axis = node.Int("axis", 0);
        var indices = ConstantNumbers.Ints(node, builder, 1, "indices") ?? [];
        var rank = builder.ConstantOf(node, 1)?.Shape.Count;
        return input.IsMatrix && axis is 1 or -1 && rank < 2
            ? Pick(node, builder, Indices(node, indices, input.Width, negatives: true), rank == 0 ? [] : [indices.Length])
            : throw builder.Unsupported(node, $"a gather of {input} over the axis {axis} by indices of {rank} dimensions", "one of [batch, width] over the axis 1 by a list or a number, or one of a list of constants over the axis 0");
    }

    public static IEdgeOperator ArrayFeatureExtractor(OnnxNode node, EdgeGraphBuilder builder)
    {
        if (builder.ConstantOf(node, 0) is { } constant)
        {
            throw builder.Unsupported(node, $"a constant {constant} by indices of rows", "columns of an input, as rows are the batch");
        }

        var input = builder.Input(node, 0);
        var indices = ConstantNumbers.Ints(node, builder, 1, "Y") ?? [];
        return input.IsMatrix
            ? Pick(node, builder, Indices(node, indices, input.Width, negatives: false), [indices.Length])
            : throw builder.Unsupported(node, $"the input {input}", "[batch, width]");
    }

    private static ColumnsOperator Pick(OnnxNode node, EdgeGraphBuilder builder, int[] columns, int[] row)
    {
        var input = builder.Input(node, 0);
        return new ColumnsOperator(columns, input, builder.Output(node, 0, input.Type, row));
    }

    private static int[] Indices(OnnxNode node, long[] indices, int width, bool negatives)
    {
        var columns = new int[indices.Length];
        for (var i = 0; i < columns.Length; i++)
        {
            var index = negatives && indices[i] < 0 ? indices[i] + width : indices[i];
            columns[i] = index >= 0 && index < width
                ? (int)index
                : throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: the index {indices[i]} is beyond the {width} elements of a row.");
        }

        return columns.Length > 0 ? columns : throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: no indices are stated.");
    }

    private static IEdgeOperator LookUp(OnnxNode node, EdgeGraphBuilder builder, OnnxTensor constant)
    {
        var index = builder.Input(node, 1);
        if (constant.Shape.Count != 1 || node.Int("axis", 0) is not (0 or -1) || index.Type is not (ElementType.Int64 or ElementType.Int32))
        {
            throw builder.Unsupported(node, $"a gather of a constant {constant} by {index}", "one of a list of constants over the axis 0 by int64 or int32");
        }

        var output = builder.Output(node, 0, constant.Type, index.Row);
        return constant.Type == ElementType.String
            ? new LookUpTexts(node.ToString(), [.. constant.Texts], index, output)
            : constant.Type.SizeBytes() switch
            {
                1 => new LookUpNumbers<byte>(node.ToString(), constant.Data.ToArray(), index, output),
                4 => new LookUpNumbers<int>(node.ToString(), MemoryMarshal.Cast<byte, int>(constant.Data.Span).ToArray(), index, output),
                8 => new LookUpNumbers<long>(node.ToString(), MemoryMarshal.Cast<byte, long>(constant.Data.Span).ToArray(), index, output),
                _ => throw builder.Unsupported(node, $"a gather of a constant {constant}", "float32, float64, int32, int64, bool or string"),
            };
    }

    private static int Index(string node, in EdgeFrame frame, EdgeValue value, int at, int length)
    {
        var stated = value.Type == ElementType.Int64 ? frame.Of<long>(value)[at] : frame.Of<int>(value)[at];
        var index = stated < 0 ? stated + length : stated;
        return index >= 0 && index < length
            ? (int)index
            : throw new MlpException(ErrorCodes.TensorMismatch, $"{node}: row {at / value.Width} has the index {stated}, which is beyond {length} constants.");
    }

    private sealed class LookUpNumbers<T>(string node, T[] constants, EdgeValue index, EdgeValue output) : IEdgeOperator
        where T : unmanaged
    {
        public void Run(in EdgeFrame frame)
        {
            var result = frame.Of<T>(output);
            for (var i = 0; i < result.Length; i++)
            {
                result[i] = constants[Index(node, frame, index, i, constants.Length)];
            }
        }
    }

    private sealed class LookUpTexts(string node, string[] constants, EdgeValue index, EdgeValue output) : IEdgeOperator
    {
        public void Run(in EdgeFrame frame)
        {
            var result = frame.Texts(output);
            for (var i = 0; i < result.Length; i++)
            {
                result[i] = constants[Index(node, frame, index, i, constants.Length)];
            }
        }
    }
}
