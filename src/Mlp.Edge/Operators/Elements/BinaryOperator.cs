namespace Mlp.Edge;

/// <summary>An operator that makes each element of two: of two values, or of a value and a constant row.</summary>
internal sealed class BinaryOperator<T, TResult>(BinaryOperator<T, TResult>.Kernel kernel, Operand<T> left, Operand<T> right, EdgeValue output) : IEdgeOperator
    where T : unmanaged
    where TResult : unmanaged
{
    public delegate void Kernel(ReadOnlySpan<T> left, ReadOnlySpan<T> right, Span<TResult> output);

    public void Run(in EdgeFrame frame)
    {
        var result = frame.Of<TResult>(output);
        if (left.IsWhole && right.IsWhole)
        {
            kernel(left.Whole(frame), right.Whole(frame), result);
            return;
        }

        for (var r = 0; r < frame.Rows; r++)
        {
            kernel(left.Row(frame, r), right.Row(frame, r), result.Slice(r * output.Width, output.Width));
        }
    }
}
