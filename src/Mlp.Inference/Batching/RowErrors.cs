using Mlp.Core;

namespace Mlp.Inference;

/// <summary>Checks lengths at the edge.</summary>
internal static class RowErrors
{
    /// <summary>What is wrong with one row and the memory for its result; null where nothing is.</summary>
    public static MlpException? OfRow(ModelLayout layout, int rowLength, int outputLength, int outputIndex)
    {
        if (!layout.IsFloat)
        {
            return NoFloatRows(layout);
        }

        if (rowLength != layout.RowElements)
        {
            return new MlpException(ErrorCodes.TensorMismatch, $"A row of {rowLength} elements; expected {layout.RowElements} for the model {layout.Signature}.");
        }

        return OfOutput(layout, 1, outputLength, outputIndex);
    }

    /// <summary>What is wrong with the memory for results; null where nothing is.</summary>
    public static MlpException? OfOutput(ModelLayout layout, int rows, int outputLength, int outputIndex)
    {
        if (!layout.IsBatched)
        {
            return NoRows(layout);
        }

        if (outputIndex < 0)
        {
            return new MlpException(ErrorCodes.TensorMismatch, $"The model {layout.Signature} has no float32 output.");
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(outputIndex, layout.Outputs.Length);
        var output = layout.Outputs[outputIndex];
        if (output.Type != ElementType.Float32)
        {
            return new MlpException(ErrorCodes.TensorMismatch, $"The output '{output.Name}' is {output.Type.Name()}; expected float32.");
        }

        return outputLength == (long)rows * output.Width
            ? null
            : new MlpException(ErrorCodes.TensorMismatch, $"Room for {outputLength} elements of the output '{output.Name}'; expected {(long)rows * output.Width}, {output.Width} a row.");
    }

    /// <summary>The number of rows.</summary>
    public static int CountRows(ModelLayout layout, int length, int outputLength, int outputIndex)
    {
        if (!layout.IsFloat)
        {
            throw NoFloatRows(layout);
        }

        var rows = length / layout.RowElements;
        if (rows == 0 || length % layout.RowElements != 0)
        {
            throw new MlpException(ErrorCodes.TensorMismatch, $"{length} elements of rows; expected a multiple of {layout.RowElements}, at least one row, for the model {layout.Signature}.");
        }

        return OfOutput(layout, rows, outputLength, outputIndex) is { } error ? throw error : rows;
    }

    /// <summary>Why rows of floats do not fit.</summary>
    public static MlpException NoFloatRows(ModelLayout layout) => layout.IsBatched
        ? new(ErrorCodes.TensorMismatch, $"A row of floats; expected the element types of the model {layout.Signature}: write them with TensorRows or RowSlot.")
        : NoRows(layout);

    /// <summary>Why rows do not fit.</summary>
    public static MlpException NoRows(ModelLayout layout) => InferenceErrors.NoRows(layout.Signature, layout.WhyWhole!);

    /// <summary>Checks that elements are used as what they are.</summary>
    public static void CheckType<T>(TensorLayout tensor)
        where T : unmanaged
    {
        if (!tensor.Type.Holds<T>())
        {
            throw new MlpException(ErrorCodes.TensorMismatch, $"{tensor} was used as {typeof(T).Name}.");
        }
    }
}
