namespace Mlp.Core;

/// <summary>What the reader of ONNX files accepts.</summary>
public sealed record OnnxLimits
{
    /// <summary>The limits that serve almost everybody.</summary>
    public static OnnxLimits Default { get; } = new();

    /// <summary>Most graphs inside one another.</summary>
    public int GraphDepthMax { get; init; } = 16;

    /// <summary>Most nodes in one graph.</summary>
    public int NodesMax { get; init; } = 1_000_000;

    /// <summary>Most dimensions of a tensor.</summary>
    public int DimensionsMax { get; init; } = 64;

    /// <summary>Most elements of a sparse tensor, zeros included: a runtime takes memory for all of them, and a few bytes can claim any number.</summary>
    public long SparseElementsMax { get; init; } = 1L << 28;
}
