namespace Mlp.Core;

/// <summary>Name, element type and shape of one input or output; or its form, where it is a sequence, a map or an optional value.</summary>
public sealed class TensorSpec : IEquatable<TensorSpec>
{
    private readonly TensorDimension[] _shape;

    /// <summary>Describes a tensor.</summary>
    /// <param name="name">The name as the model file has it.</param>
    /// <param name="type">Type of the elements.</param>
    /// <param name="shape">Outermost dimension first; empty for a scalar.</param>
    public TensorSpec(string name, ElementType type, params ReadOnlySpan<TensorDimension> shape)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
        Type = type;
        _shape = shape.ToArray();
    }

    /// <summary>Describes a value that is no tensor.</summary>
    /// <param name="name">The name as the model file has it.</param>
    /// <param name="form">What it is made of.</param>
    public TensorSpec(string name, ValueForm form)
        : this(name, ElementType.Undefined)
    {
        ArgumentNullException.ThrowIfNull(form);
        if (form.Kind == ValueKind.Tensor)
        {
            throw new ArgumentException("A tensor is described by its element type and shape.", nameof(form));
        }

        Form = form;
    }

    private TensorSpec(string name, ElementType type, bool hasShape)
        : this(name, type) => HasShape = hasShape;

    /// <summary>Describes a tensor of any number of dimensions, as a file means that states no shape.</summary>
    /// <param name="name">The name as the model file has it.</param>
    /// <param name="type">Type of the elements.</param>
    public static TensorSpec OfAnyShape(string name, ElementType type) => new(name, type, hasShape: false);

    /// <summary>The name as the model file has it.</summary>
    public string Name { get; }

    /// <summary>Type of the elements; undefined where <see cref="Form"/> says what it is.</summary>
    public ElementType Type { get; }

    /// <summary>What it is made of, where it is no tensor; else null.</summary>
    public ValueForm? Form { get; }

    /// <summary>Whether the number of dimensions is known; without it <see cref="Shape"/> is empty, and the tensor no scalar.</summary>
    public bool HasShape { get; } = true;

    /// <summary>Dimensions, outermost first.</summary>
    public ReadOnlySpan<TensorDimension> Shape => _shape;

    /// <summary>Elements of one row: the product of all dimensions but the first.</summary>
    /// <returns>-1 where the shape is not known, one of them is free, or the product is larger than an array can be.</returns>
    public int RowElements
    {
        get
        {
            long product = 1;
            for (var i = 1; i < _shape.Length; i++)
            {
                if (!_shape[i].IsFixed || _shape[i].Length > Array.MaxLength || (product *= _shape[i].Length) > Array.MaxLength)
                {
                    return -1;
                }
            }

            return HasShape ? (int)product : -1;
        }
    }

    /// <inheritdoc/>
    public bool Equals(TensorSpec? other) =>
        other is not null && Name == other.Name && Type == other.Type && HasShape == other.HasShape && Equals(Form, other.Form) && Shape.SequenceEqual(other.Shape);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as TensorSpec);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Type, _shape.Length);

    /// <summary>For example <c>features: float32[batch, 14]</c>.</summary>
    public override string ToString() => Form is null ? $"{Name}: {Type.Name()}[{(HasShape ? string.Join(", ", _shape) : "...")}]" : $"{Name}: {Form}";
}
