using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace Mlp.Kernels;

/// <summary>Dense layers: rows times a matrix.</summary>
public static class MatrixMultiply
{
    /// <summary>
    /// <c>output = rows × weights + bias</c>. A row's sums run over the inputs in their order, or with a single output as four sums
    /// of every fourth input, whatever the number of rows and the processor, so a row gives the same bits in every batch.
    /// </summary>
    /// <param name="rows">Row-major, <paramref name="inputs"/> a row.</param>
    /// <param name="weights">Row-major, <paramref name="inputs"/> × <paramref name="outputs"/>.</param>
    /// <param name="bias">One an output; empty for zeros.</param>
    /// <param name="output">Row-major, <paramref name="outputs"/> a row; overwritten.</param>
    /// <param name="inputs">Elements of an input row.</param>
    /// <param name="outputs">Elements of an output row.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    public static void Dense(ReadOnlySpan<float> rows, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Span<float> output, int inputs, int outputs)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inputs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(outputs);
        var count = rows.Length / inputs;
        if (rows.Length != count * inputs || weights.Length != (long)inputs * outputs || (bias.Length != 0 && bias.Length != outputs) || output.Length != (long)count * outputs)
        {
            throw new ArgumentException($"{rows.Length} elements of rows, {weights.Length} weights, {bias.Length} biases and {output.Length} outputs do not fit a layer of {inputs} to {outputs}.");
        }

        if (outputs == 1)
        {
            for (var r = 0; r < count; r++)
            {
                output[r] = Dot(rows.Slice(r * inputs, inputs), weights) + (bias.Length == 0 ? 0 : bias[0]);
            }

            return;
        }

        for (var r = 0; r < count; r++)
        {
            var row = rows.Slice(r * inputs, inputs);
            var sums = output.Slice(r * outputs, outputs);
            if (bias.Length == 0)
            {
                sums.Clear();
            }
            else
            {
                bias.CopyTo(sums);
            }

            for (var k = 0; k < row.Length; k++)
            {
                TensorPrimitives.MultiplyAdd(weights.Slice(k * outputs, outputs), row[k], sums, sums);
            }
        }
    }

    // Four lanes, and no fused product, on every processor.
    private static float Dot(ReadOnlySpan<float> row, ReadOnlySpan<float> weights)
    {
        var sums = Vector128<float>.Zero;
        var k = 0;
        for (; k <= row.Length - Vector128<float>.Count; k += Vector128<float>.Count)
        {
            sums += Vector128.Create(row[k..]) * Vector128.Create(weights[k..]);
        }

        var sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
        for (; k < row.Length; k++)
        {
            sum += row[k] * weights[k];
        }

        return sum;
    }
}
