namespace Mlp.Core;

/// <summary>ONNX's element types that are no <see cref="ElementType"/>: only a runtime's own operators read them.</summary>
internal static class UnreadElements
{
    // Numbers are those of TensorProto.DataType; narrow elements lie several to a byte, the first one lowest.
    private static readonly (long Number, string Name, int Bits)[] Table =
    [
        (14, "complex64", 64),
        (15, "complex128", 128),
        (17, "float8e4m3fn", 8),
        (18, "float8e4m3fnuz", 8),
        (19, "float8e5m2", 8),
        (20, "float8e5m2fnuz", 8),
        (21, "uint4", 4),
        (22, "int4", 4),
        (23, "float4e2m1", 4),
        (24, "float8e8m0", 8),
        (25, "uint2", 2),
        (26, "int2", 2),
    ];

    /// <summary>The number of the types of real and imaginary floats.</summary>
    public const long Complex64 = 14;

    /// <summary>The number of the type of real and imaginary doubles.</summary>
    public const long Complex128 = 15;

    /// <summary>Whether an <see cref="ElementType"/> has the number.</summary>
    public static bool IsRead(long number) => number is > 0 and <= int.MaxValue && Enum.IsDefined((ElementType)number);

    /// <summary>A type's name for messages, whatever its number.</summary>
    public static string Name(long number)
    {
        if (IsRead(number))
        {
            return ((ElementType)number).Name();
        }

        foreach (var entry in Table)
        {
            if (entry.Number == number)
            {
                return entry.Name;
            }
        }

        return number == 0 ? "no element type" : $"the unknown element type {number}";
    }

    /// <summary>Bits of one element; 0 for a number that is not known here.</summary>
    public static int Bits(long number)
    {
        foreach (var entry in Table)
        {
            if (entry.Number == number)
            {
                return entry.Bits;
            }
        }

        return 0;
    }

    /// <summary>Bytes of as many elements, packed.</summary>
    public static long Bytes(long number, long elements)
    {
        var bits = Bits(number);
        return bits >= 8 ? elements * (bits / 8) : (elements + (8 / bits) - 1) / (8 / bits);
    }
}
