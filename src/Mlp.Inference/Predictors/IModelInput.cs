namespace Mlp.Inference;

/// <summary>A row of a model. Implemented by generated code for types with <see cref="ModelInputAttribute"/>.</summary>
/// <typeparam name="TSelf">The type itself.</typeparam>
public interface IModelInput<TSelf>
    where TSelf : IModelInput<TSelf>
{
    /// <summary>The inputs that the type has values for.</summary>
    static abstract RowSchema InputSchema { get; }

    /// <summary>Writes one input's row.</summary>
    /// <param name="row">The values.</param>
    /// <param name="tensor">Index in <see cref="InputSchema"/>.</param>
    /// <param name="destination">The memory of the row, in the tensor's own element type.</param>
    static abstract void Write(in TSelf row, int tensor, Span<byte> destination);

    /// <summary>Writes the row of an input of strings.</summary>
    /// <param name="row">The values.</param>
    /// <param name="tensor">Index in <see cref="InputSchema"/>.</param>
    /// <param name="destination">The memory of the row.</param>
    static virtual void WriteTexts(in TSelf row, int tensor, Span<string> destination) => throw new NotSupportedException($"{TSelf.InputSchema} has no strings.");
}
