using Mlp.Core;

namespace Mlp.Edge;

/// <summary><c>Concat</c>: rows of any type beside each other, over the innermost dimension; <c>ai.onnx.ml.FeatureVectorizer</c>, over floats.</summary>
internal sealed class ConcatOperator(ConcatOperator.Piece[] pieces, EdgeValue output) : IEdgeOperator
{
    /// <param name="Value">What is copied.</param>
    /// <param name="Elements">Elements of each block, as they are copied.</param>
    /// <param name="Place">Where the block lies among the result's.</param>
    /// <param name="Step">Elements from one block to the next in the value.</param>
    public readonly record struct Piece(EdgeValue Value, int Elements, int Place, int Step);

    private readonly int _block = output.Row[^1];
    private readonly bool _hasGaps = HasGaps(pieces, output.Row[^1]);

    public static IEdgeOperator Prepare(OnnxNode node, EdgeGraphBuilder builder)
    {
        var first = builder.Input(node, 0);
        var axis = node.Int("axis", builder.Version(node) < 4 ? 1 : 0);
        if (first.Row.Length == 0 || (axis != -1 && axis != first.Row.Length))
        {
            throw builder.Unsupported(node, $"the axis {axis} of {first}", "the innermost one, as rows are the batch");
        }

        var pieces = new Piece[node.Inputs.Count];
        var width = 0;
        for (var i = 0; i < pieces.Length; i++)
        {
            var value = builder.Input(node, i);
            if (value.Type != first.Type || !value.Row.AsSpan(0, Math.Max(0, value.Row.Length - 1)).SequenceEqual(first.Row.AsSpan(0, first.Row.Length - 1)))
            {
                throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: input {i} is {value}, the first {first}; expected one type, and one shape but for the innermost dimension.");
            }

            pieces[i] = new Piece(value, value.Row[^1], width, value.Row[^1]);
            width = checked(width + value.Row[^1]);
        }

        return new ConcatOperator(pieces, builder.Output(node, 0, first.Type, [.. first.Row[..^1], width]));
    }

    /// <summary>Inputs of any number type as floats; each is cut or filled with zeros to its stated width.</summary>
    public static IEdgeOperator PrepareVectorizer(OnnxNode node, EdgeGraphBuilder builder)
    {
        var widths = node.Ints("inputdimensions");
        if (widths.Length != node.Inputs.Count)
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: {widths.Length} inputdimensions for {node.Inputs.Count} inputs.");
        }

        var pieces = new Piece[widths.Length];
        var width = 0;
        for (var i = 0; i < pieces.Length; i++)
        {
            var value = FloatRows.Of(node, builder, i);
            if (widths[i] is <= 0 or > 1 << 20)
            {
                throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: the inputdimension {i} is {widths[i]}; expected 1 to {1 << 20}.");
            }

            pieces[i] = new Piece(value, (int)Math.Min(widths[i], value.Width), width, value.Width);
            width = checked(width + (int)widths[i]);
        }

        return new ConcatOperator(pieces, builder.Output(node, 0, ElementType.Float32, width));
    }

    public void Run(in EdgeFrame frame)
    {
        if (output.Type == ElementType.String)
        {
            CopyTexts(frame);
            return;
        }

        var bytes = output.Type.SizeBytes();
        var result = frame.Bytes(output, bytes);
        if (_hasGaps)
        {
            result.Clear();
        }

        foreach (var piece in pieces)
        {
            var source = frame.Bytes(piece.Value, bytes);
            var (length, step) = (piece.Elements * bytes, piece.Step * bytes);
            for (int from = 0, to = piece.Place * bytes; from < source.Length; from += step, to += _block * bytes)
            {
                source.Slice(from, length).CopyTo(result[to..]);
            }
        }
    }

    private static bool HasGaps(Piece[] pieces, int block)
    {
        foreach (var piece in pieces)
        {
            block -= piece.Elements;
        }

        return block > 0;
    }

    private void CopyTexts(in EdgeFrame frame)
    {
        var result = frame.Texts(output);
        foreach (var piece in pieces)
        {
            for (int from = 0, to = piece.Place; from < frame.Rows * piece.Value.Width; from += piece.Elements, to += _block)
            {
                for (var i = 0; i < piece.Elements; i++)
                {
                    result[to + i] = frame.Text(piece.Value, from + i);
                }
            }
        }
    }
}
