using Mlp.Core;

namespace Mlp.Inference;

/// <summary>A value that a model reads or gives: a tensor, a sequence, a map, or none. Immutable as far as its owner leaves the memory alone.</summary>
public abstract class ModelValue
{
    private protected ModelValue()
    {
    }

    /// <summary>What it is made of.</summary>
    public abstract ValueForm Form { get; }
}

/// <summary>A list of values.</summary>
/// <param name="items">The values, of one form.</param>
/// <param name="itemForm">Their form.</param>
public sealed class SequenceValue(IReadOnlyList<ModelValue> items, ValueForm itemForm) : ModelValue
{
    /// <summary>The values.</summary>
    public IReadOnlyList<ModelValue> Items { get; } = items;

    /// <inheritdoc/>
    public override ValueForm Form { get; } = ValueForm.Sequence(itemForm);
}

/// <summary>Values by key, as <c>ZipMap</c> makes them: the elements of two tensors, one beside the other.</summary>
public sealed class MapValue : ModelValue
{
    /// <summary>Makes a map.</summary>
    /// <param name="keys">Integers or strings, <c>[count]</c>.</param>
    /// <param name="values">The keys' values, <c>[count]</c>.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: there are more keys than values, or fewer.</exception>
    public MapValue(TensorValue keys, TensorValue values)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(values);
        if (keys.Count != values.Count)
        {
            throw new MlpException(ErrorCodes.TensorMismatch, $"A map of {keys.Count} keys and {values.Count} values.");
        }

        Keys = keys;
        Values = values;
        Form = ValueForm.Map(keys.Type, ValueForm.Tensor(values.Type));
    }

    /// <summary>The keys.</summary>
    public TensorValue Keys { get; }

    /// <summary>Their values, in the same order.</summary>
    public TensorValue Values { get; }

    /// <inheritdoc/>
    public override ValueForm Form { get; }
}

/// <summary>An optional value that is not there.</summary>
/// <param name="form">What would be there.</param>
public sealed class NoValue(ValueForm form) : ModelValue
{
    /// <inheritdoc/>
    public override ValueForm Form { get; } = ValueForm.Optional(form);
}
