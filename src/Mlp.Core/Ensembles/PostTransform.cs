namespace Mlp.Core;

/// <summary>What is done with a model's raw scores at the end; as ONNX's <c>post_transform</c>.</summary>
public enum PostTransform : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>1 / (1 + exp(−x)) of each.</summary>
    Logistic,

    /// <summary>exp(x) over the sum of exp, with the largest subtracted first.</summary>
    Softmax,
}
