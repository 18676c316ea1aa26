using Mlp.Core;

namespace Mlp.Edge;

/// <summary>An operator of one input that keeps its shape.</summary>
internal sealed class UnaryOperator<T, TResult>(UnaryOperator<T, TResult>.Kernel kernel, EdgeValue input, EdgeValue output) : IEdgeOperator
    where T : unmanaged
    where TResult : unmanaged
{
    private readonly int _width = input.Row is [.., var width] ? width : 1;

    /// <param name="input">Rows.</param>
    /// <param name="output">As many.</param>
    /// <param name="width">Elements of the innermost dimension.</param>
    public delegate void Kernel(ReadOnlySpan<T> input, Span<TResult> output, int width);

    /// <summary>Takes the node's first input and makes its first output, of the same rows.</summary>
    public static UnaryOperator<T, TResult> Of(OnnxNode node, EdgeGraphBuilder builder, Kernel kernel, ElementType type)
    {
        var input = builder.Input(node, 0);
        return new UnaryOperator<T, TResult>(kernel, input, builder.Output(node, 0, type, input.Row));
    }

    public void Run(in EdgeFrame frame) => kernel(frame.Of<T>(input), frame.Of<TResult>(output), _width);
}
