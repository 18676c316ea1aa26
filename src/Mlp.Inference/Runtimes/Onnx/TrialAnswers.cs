using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>Compares rows of two answers. A runtime may choose other kernels for other batches, so floats may differ a little.</summary>
internal static class TrialAnswers
{
    /// <summary>Largest difference of two floats that count as the same, relative to the largest of the row.</summary>
    public const double Tolerance = 1e-3;

    /// <summary>The same for floats of 16 bits.</summary>
    public const double HalfTolerance = 1e-2;

    public static bool AreSame(TensorLayout tensor, OrtValue a, int rowOfA, OrtValue b, int rowOfB)
    {
        if (tensor.Type == ElementType.String)
        {
            for (var i = 0; i < tensor.Width; i++)
            {
                if (a.GetStringElement((rowOfA * tensor.Width) + i) != b.GetStringElement((rowOfB * tensor.Width) + i))
                {
                    return false;
                }
            }

            return true;
        }

        var bytesOfA = a.GetTensorMutableRawData().Slice(rowOfA * tensor.RowBytes, tensor.RowBytes);
        var bytesOfB = b.GetTensorMutableRawData().Slice(rowOfB * tensor.RowBytes, tensor.RowBytes);
        return tensor.Type switch
        {
            ElementType.Float32 => AreClose(MemoryMarshal.Cast<byte, float>(bytesOfA), MemoryMarshal.Cast<byte, float>(bytesOfB), static v => v, Tolerance),
            ElementType.Float64 => AreClose(MemoryMarshal.Cast<byte, double>(bytesOfA), MemoryMarshal.Cast<byte, double>(bytesOfB), static v => v, Tolerance),
            ElementType.Float16 => AreClose(MemoryMarshal.Cast<byte, Half>(bytesOfA), MemoryMarshal.Cast<byte, Half>(bytesOfB), static v => (double)v, HalfTolerance),
            ElementType.BFloat16 => AreClose(MemoryMarshal.Cast<byte, ushort>(bytesOfA), MemoryMarshal.Cast<byte, ushort>(bytesOfB), static v => BitConverter.UInt32BitsToSingle((uint)v << 16), HalfTolerance),
            _ => bytesOfA.SequenceEqual(bytesOfB),
        };
    }

    private static bool AreClose<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Func<T, double> number, double tolerance)
    {
        double largest = 0;
        foreach (var element in a)
        {
            var size = Math.Abs(number(element));
            largest = double.IsFinite(size) ? Math.Max(largest, size) : largest;
        }

        for (var i = 0; i < a.Length; i++)
        {
            var (x, y) = (number(a[i]), number(b[i]));
            if (!x.Equals(y) && !(Math.Abs(x - y) <= tolerance * largest))
            {
                return false;
            }
        }

        return true;
    }
}
