using System.Runtime.InteropServices;

namespace Mlp.Inference;

/// <summary>One row of a model's answer.</summary>
public readonly ref struct OutputRow
{
    private readonly TensorRows? _rows;
    private readonly ReadOnlySpan<int> _tensors;
    private readonly ReadOnlySpan<float> _only;

    internal OutputRow(TensorRows rows, ReadOnlySpan<int> tensors)
    {
        _rows = rows;
        _tensors = tensors;
    }

    internal OutputRow(ReadOnlySpan<float> only) => _only = only;

    /// <summary>The row of an output of strings.</summary>
    /// <param name="tensor">Index in the row type's schema.</param>
    public ReadOnlySpan<string> Texts(int tensor) => _rows is null ? [] : _rows.OutputTexts(_tensors[tensor]);

    /// <summary>The row of an output.</summary>
    /// <typeparam name="T">Its element type.</typeparam>
    /// <param name="tensor">Index in the row type's schema.</param>
    public ReadOnlySpan<T> Tensor<T>(int tensor)
        where T : unmanaged => _rows is null ? MemoryMarshal.Cast<float, T>(_only) : _rows.Output<T>(_tensors[tensor]);
}
