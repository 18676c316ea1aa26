namespace Mlp.Inference;

/// <summary>An answer of a model. Implemented by generated code for types with <see cref="ModelOutputAttribute"/>.</summary>
/// <typeparam name="TSelf">The type itself.</typeparam>
public interface IModelOutput<TSelf>
    where TSelf : IModelOutput<TSelf>
{
    /// <summary>The outputs that the type reads.</summary>
    static abstract RowSchema OutputSchema { get; }

    /// <summary>Reads an answer.</summary>
    static abstract TSelf Read(OutputRow row);
}
