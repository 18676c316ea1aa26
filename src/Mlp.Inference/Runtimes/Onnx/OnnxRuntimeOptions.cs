namespace Mlp.Inference;

/// <summary>How ONNX Runtime runs a model.</summary>
public sealed record OnnxRuntimeOptions
{
    /// <summary>Threads of one run. More instances beat more threads except for large models.</summary>
    public int IntraOpThreads { get; init; } = 1;

    /// <summary>Checks the options.</summary>
    public void Validate() => ArgumentOutOfRangeException.ThrowIfNegativeOrZero(IntraOpThreads);
}
