using Mlp.Core;

namespace Mlp.AspNetCore;

/// <summary>The protocol's names of element types.</summary>
internal static class OpenInferenceTypes
{
    public static string Name(ElementType type) => type switch
    {
        ElementType.Float16 => "FP16",
        ElementType.BFloat16 => "BF16",
        ElementType.Float32 => "FP32",
        ElementType.Float64 => "FP64",
        ElementType.String => "BYTES",
        _ => type.Name().ToUpperInvariant(),
    };
}
