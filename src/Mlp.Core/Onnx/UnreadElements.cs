namespace Mlp.Core;

/// <summary>ONNX's element types that are no <see cref="ElementType"/>: only a runtime's own operators read them. Numbers are those of TensorProto.DataType.</summary>
internal static class UnreadElements
{
    /// <summary>The number of the types of real and imaginary floats.</summary>
    public const long Complex64 = 14;

    /// <summary>The number of the type of real and imaginary doubles.</summary>
    public const long Complex128 = 15;

    /// <summary>Whether an <see cref="ElementType"/> has the number.</summary>
    public static bool IsRead(long number) => number is > 0 and <= int.MaxValue && Enum.IsDefined((ElementType)number);

    /// <summary>A type's name for messages, whatever its number.</summary>
    public static string Name(long number) => number switch
    {
        _ when IsRead(number) => ((ElementType)number).Name(),
        0 => "no element type",
        Complex64 => "complex64",
        Complex128 => "complex128",
        17 => "float8e4m3fn",
        18 => "float8e4m3fnuz",
        19 => "float8e5m2",
        20 => "float8e5m2fnuz",
        21 => "uint4",
        22 => "int4",
        23 => "float4e2m1",
        24 => "float8e8m0",
        25 => "uint2",
        26 => "int2",
        _ => $"the unknown element type {number}",
    };

    /// <summary>Bits of one element, narrow ones lying several to a byte; 0 for a number that is not known here.</summary>
    public static int Bits(long number) => number switch
    {
        Complex64 => 64,
        Complex128 => 128,
        (>= 17 and <= 20) or 24 => 8,
        >= 21 and <= 23 => 4,
        25 or 26 => 2,
        _ => 0,
    };

    /// <summary>Bytes of as many elements, packed.</summary>
    public static long Bytes(long number, long elements)
    {
        var bits = Bits(number);
        return bits >= 8 ? elements * (bits / 8) : (elements + (8 / bits) - 1) / (8 / bits);
    }
}
