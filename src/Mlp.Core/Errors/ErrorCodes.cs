namespace Mlp.Core;

/// <summary>The stable codes of <see cref="MlpException.Code"/>: <c>room.reason</c>.</summary>
public static class ErrorCodes
{
    /// <summary>A package, or a file in it, does not have the content its manifest states.</summary>
    public const string PackageDamaged = "package.damaged";

    /// <summary>A package's manifest cannot be read, or states something that is not allowed.</summary>
    public const string PackageInvalid = "package.invalid";

    /// <summary>A package's folder or a file in it cannot be read or written: a permission, a path or the disk.</summary>
    public const string PackageUnavailable = "package.unavailable";

    /// <summary>A model file cannot be read, or uses what the runtime does not have.</summary>
    public const string ModelInvalid = "model.invalid";

    /// <summary>A tensor has another name, element type or shape than the model's signature.</summary>
    public const string TensorMismatch = "tensor.mismatch";

    /// <summary>A bounded queue, cache or size is full.</summary>
    public const string LimitReached = "limit.reached";
}
