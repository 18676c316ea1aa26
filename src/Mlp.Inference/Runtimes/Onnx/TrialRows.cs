using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>What numbers a trial's rows are made of.</summary>
internal enum TrialNumbers
{
    /// <summary>Floats of [-1, 1], some of them 0; integers and texts 0 and 1.</summary>
    Mixed,

    /// <summary>Likewise; all integers and texts 1.</summary>
    Ones,

    /// <summary>Nothing but zeros and empty texts.</summary>
    Zeros,
}

/// <summary>Rows made up for a trial, the same ones each time.</summary>
internal sealed class TrialRows
{
    // What a string takes, about.
    private const int TextBytes = 64;

    private readonly ModelLayout _layout;
    private readonly TrialNumbers _numbers;
    private readonly byte[][] _inputs;
    private readonly string[][] _texts;

    public TrialRows(ModelLayout layout, int rows, TrialNumbers numbers, int seed)
    {
        _layout = layout;
        _numbers = numbers;
        _inputs = new byte[layout.Inputs.Length][];
        _texts = new string[layout.Inputs.Length][];
        var random = new Random(20250101 + seed);
        for (var i = 0; i < _inputs.Length; i++)
        {
            var input = layout.Inputs[i];
            var isText = input.Type == ElementType.String;
            _inputs[i] = new byte[input.RowBytes * rows];
            _texts[i] = isText ? new string[input.Width * rows] : [];
            for (var row = 0; row < rows; row++)
            {
                if (isText)
                {
                    WriteTexts(random, _texts[i].AsSpan(row * input.Width, input.Width), row);
                }
                else
                {
                    WriteNumbers(random, input, _inputs[i].AsSpan(row * input.RowBytes, input.RowBytes), row);
                }
            }
        }
    }

    /// <summary>The numbers to try, one after the other.</summary>
    public static ReadOnlySpan<TrialNumbers> Numbers => [TrialNumbers.Mixed, TrialNumbers.Ones, TrialNumbers.Zeros];

    /// <summary>About what a row takes, of all inputs and of the outputs that are known.</summary>
    public static long BytesOf(ModelLayout layout)
    {
        var bytes = layout.RowBytes;
        foreach (var tensor in (ReadOnlySpan<TensorLayout>)[.. layout.Inputs, .. layout.Outputs])
        {
            bytes += tensor.Type == ElementType.String ? (long)TextBytes * Math.Max(0, tensor.Width) : 0;
        }

        return bytes;
    }

    /// <summary>Takes a row of others in place of one of these.</summary>
    public void Take(TrialRows from, int fromRow, int row)
    {
        for (var i = 0; i < _inputs.Length; i++)
        {
            var (bytes, width) = (_layout.Inputs[i].RowBytes, _layout.Inputs[i].Width);
            from._inputs[i].AsSpan(fromRow * bytes, bytes).CopyTo(_inputs[i].AsSpan(row * bytes));
            if (_layout.Inputs[i].Type == ElementType.String)
            {
                from._texts[i].AsSpan(fromRow * width, width).CopyTo(_texts[i].AsSpan(row * width));
            }
        }
    }

    /// <summary>Some rows of an input, as the runtime takes them.</summary>
    public OrtValue ToNative(int input, int first, int count)
    {
        var tensor = _layout.Inputs[input];
        if (tensor.Type == ElementType.String)
        {
            return OnnxTensors.Texts(tensor.Shape(count), _texts[input].AsSpan(first * tensor.Width, count * tensor.Width));
        }

        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, OnnxTensors.TypeOf(tensor.Type), tensor.Shape(count));
        _inputs[input].AsSpan(first * tensor.RowBytes, count * tensor.RowBytes).CopyTo(value.GetTensorMutableRawData());
        return value;
    }

    private void WriteTexts(Random random, Span<string> texts, int row)
    {
        for (var i = 0; i < texts.Length; i++)
        {
            // Digits: a text that is made a number of is one.
            texts[i] = _numbers == TrialNumbers.Zeros ? "" : Whole(random, i, texts.Length, row) == 0 ? "0" : "1";
        }
    }

    private void WriteNumbers(Random random, TensorLayout tensor, Span<byte> bytes, int row)
    {
        if (_numbers == TrialNumbers.Zeros)
        {
            return;
        }

        var size = tensor.Type.SizeBytes();
        var isFloat = tensor.Type is ElementType.Float32 or ElementType.Float64 or ElementType.Float16 or ElementType.BFloat16;
        var value = new double[1];
        for (var i = 0; i < tensor.Width; i++)
        {
            value[0] = isFloat ? Float(random, row) : Whole(random, i, tensor.Width, row);
            var element = bytes.Slice(i * size, size);
            if (tensor.Type == ElementType.BFloat16)
            {
                var upper = (ushort)(BitConverter.SingleToUInt32Bits((float)value[0]) >> 16);
                MemoryMarshal.Write(element, in upper);
            }
            else
            {
                ElementNumbers.TryWrite(tensor.Type, value, element);
            }
        }
    }

    // A row full of numbers, one with as many zeros as others, one of zeros, and so on: what depends on them shows.
    private static double Float(Random random, int row) => row % 3 == 2 || (row % 3 == 1 && random.Next(2) == 0) ? 0 : (random.NextDouble() * 2) - 1;

    // The first of several is always 1: a mask or a length of nothing is a case of its own. The next one differs from row to row.
    private int Whole(Random random, int index, int width, int row)
    {
        if (_numbers == TrialNumbers.Ones || (width > 1 && index == 0))
        {
            return 1;
        }

        return index <= 1 ? (row + 1) % 2 : random.Next(2);
    }
}
