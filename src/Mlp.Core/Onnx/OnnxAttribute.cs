namespace Mlp.Core;

/// <summary>
/// The value of an operator's attribute: exactly one of the properties before <see cref="Unread"/> is set, or none of them where it is of a
/// kind that this library only carries (a type, a sparse tensor, a list of tensors or graphs, bytes that are no text).
/// </summary>
public sealed class OnnxAttribute
{
    /// <summary>A float.</summary>
    public float? Float { get; init; }

    /// <summary>An integer.</summary>
    public long? Int { get; init; }

    /// <summary>A text.</summary>
    public string? Text { get; init; }

    /// <summary>A tensor.</summary>
    public OnnxTensor? Tensor { get; init; }

    /// <summary>A graph, of <c>If</c>, <c>Loop</c> and <c>Scan</c>.</summary>
    public OnnxGraph? Graph { get; init; }

    /// <summary>Floats.</summary>
    public float[]? Floats { get; init; }

    /// <summary>Integers.</summary>
    public long[]? Ints { get; init; }

    /// <summary>Texts.</summary>
    public string[]? Texts { get; init; }

    /// <summary>
    /// The fields of the attribute's message that no other property holds, as the file has them; all but its name where it is only carried.
    /// They are written back as they are.
    /// </summary>
    public ReadOnlyMemory<byte> Unread { get; init; }

    /// <summary>What it is, for messages, where this library only carries it, such as <c>a type</c> or <c>int4[16]</c>; null where it is read.</summary>
    public string? UnreadKind => this switch
    {
        { Tensor: { Type: ElementType.Undefined } tensor } => tensor.ToString(),
        { Float: null, Int: null, Text: null, Tensor: null, Graph: null, Floats: null, Ints: null, Texts: null } => OnnxAttributeText.Of(Unread.Span),
        _ => null,
    };

    /// <summary>A float.</summary>
    public static implicit operator OnnxAttribute(float value) => new() { Float = value };

    /// <summary>An integer.</summary>
    public static implicit operator OnnxAttribute(long value) => new() { Int = value };

    /// <summary>A text.</summary>
    public static implicit operator OnnxAttribute(string value) => new() { Text = value };

    /// <summary>Floats.</summary>
    public static implicit operator OnnxAttribute(float[] values) => new() { Floats = values };

    /// <summary>Integers.</summary>
    public static implicit operator OnnxAttribute(long[] values) => new() { Ints = values };

    /// <summary>Texts.</summary>
    public static implicit operator OnnxAttribute(string[] values) => new() { Texts = values };
}
