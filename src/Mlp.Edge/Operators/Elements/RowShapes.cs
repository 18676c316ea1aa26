using System.Runtime.InteropServices;
using Mlp.Core;

namespace Mlp.Edge;

/// <summary>How rows and constants are brought to one shape: ONNX's multidirectional broadcasting, the batch's dimension left out.</summary>
internal static class RowShapes
{
    /// <summary>The shape of the rows that a node's inputs make together.</summary>
    /// <param name="node">The operator.</param>
    /// <param name="builder">Knows its inputs.</param>
    /// <param name="inputs">How many of them.</param>
    /// <param name="type">Type of the elements of those from <paramref name="first"/> on, which must be one.</param>
    /// <param name="first">The first that is looked at.</param>
    public static int[] Together(OnnxNode node, EdgeGraphBuilder builder, int inputs, out ElementType type, int first = 0)
    {
        int[]? row = null;
        type = ElementType.Undefined;
        for (var i = 0; i < inputs; i++)
        {
            var constant = builder.ConstantOf(node, i);
            var found = constant?.Type ?? builder.Input(node, i).Type;
            if (i >= first && type != ElementType.Undefined && found != type)
            {
                var what = constant is null ? $"input {i} is {builder.Input(node, i)}" : $"the constant '{EdgeGraphBuilder.Name(node, i)}' is {constant}";
                throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: {what}, the input before it {type.Name()}; expected one type.");
            }

            type = i >= first ? found : type;
            if (constant is null)
            {
                var other = builder.Input(node, i).Row;
                if (row is not null && row.Length != other.Length)
                {
                    throw builder.Unsupported(node, $"input {i}, {builder.Input(node, i)}, beside rows of [{string.Join(", ", row)}]", "rows of as many dimensions");
                }

                row = row is null ? other : Broadcast(node, builder, row, other);
            }
        }

        if (row is null)
        {
            throw builder.Unsupported(node, "a node that reads constants alone", "an input of rows");
        }

        for (var i = 0; i < inputs; i++)
        {
            if (builder.ConstantOf(node, i) is { } constant)
            {
                row = Broadcast(node, builder, row, Row(node, builder, constant, row.Length));
            }
        }

        return row;
    }

    /// <summary>A constant's elements, repeated to fill a row.</summary>
    public static T[] Spread<T>(OnnxTensor constant, int[] row)
        where T : unmanaged
    {
        var elements = MemoryMarshal.Cast<byte, T>(constant.Data.Span);
        var places = Places([.. constant.Shape], row);
        var spread = new T[places.Length];
        for (var i = 0; i < spread.Length; i++)
        {
            spread[i] = elements[places[i]];
        }

        return spread;
    }

    /// <summary>For each element of a row the constant's element that stands there.</summary>
    public static int[] Places(long[] shape, int[] row)
    {
        var places = new int[EdgeGraphBuilder.Elements(row)];
        for (var i = 0; i < places.Length; i++)
        {
            int rest = i, step = 1;
            for (int d = row.Length - 1, s = shape.Length - 1; d >= 0 && s >= 0; d--, s--)
            {
                var at = rest % row[d];
                rest /= row[d];
                places[i] += shape[s] == 1 ? 0 : at * step;
                step *= (int)shape[s];
            }
        }

        return places;
    }

    private static int[] Row(OnnxNode node, EdgeGraphBuilder builder, OnnxTensor constant, int rank)
    {
        long[] shape = [.. constant.Shape];
        var extra = shape.Length - rank;
        if (extra > 1 || (extra == 1 && shape[0] != 1))
        {
            throw builder.Unsupported(node, $"a constant {constant} beside rows of {rank} dimensions", "a constant that is the same for every row");
        }

        var row = new int[rank];
        Array.Fill(row, 1);
        for (var i = 1; i <= Math.Min(rank, shape.Length); i++)
        {
            row[^i] = (int)shape[^i];
        }

        return row;
    }

    private static int[] Broadcast(OnnxNode node, EdgeGraphBuilder builder, int[] one, int[] other)
    {
        var row = new int[one.Length];
        for (var i = 0; i < row.Length; i++)
        {
            row[i] = one[i] == other[i] || other[i] == 1 ? one[i]
                : one[i] == 1 ? other[i]
                : throw builder.Unsupported(node, $"rows of [{string.Join(", ", one)}] beside rows of [{string.Join(", ", other)}]", "rows of one shape, or of one element");
        }

        return row;
    }
}
