using System.ComponentModel;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>Copies a property that is a block of columns. Called by generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class RowBlock
{
    /// <summary>Copies the block.</summary>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: it has another number of elements than the columns.</exception>
    public static void Copy<T>(ReadOnlyMemory<T> block, Span<T> columns, string property)
    {
        if (block.Length != columns.Length)
        {
            throw new MlpException(ErrorCodes.TensorMismatch, $"{property} has {block.Length} elements; expected {columns.Length}.");
        }

        block.Span.CopyTo(columns);
    }
}
