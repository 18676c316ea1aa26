namespace Mlp.Core;

/// <summary>The value of an operator's attribute: exactly one of the properties is set.</summary>
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
