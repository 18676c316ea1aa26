using System.Runtime.InteropServices;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>Numbers as elements of tensors, and back.</summary>
internal static class ElementNumbers
{
    /// <summary>Writes a row.</summary>
    /// <returns>False where elements of the type are no numbers.</returns>
    public static bool TryWrite(ElementType type, double[] values, Span<byte> row)
    {
        switch (type)
        {
            case ElementType.Float32: return Write<float>(values, row);
            case ElementType.Float64: return Write<double>(values, row);
            case ElementType.Float16: return Write<Half>(values, row);
            case ElementType.Int8: return Write<sbyte>(values, row);
            case ElementType.Int16: return Write<short>(values, row);
            case ElementType.Int32: return Write<int>(values, row);
            case ElementType.Int64: return Write<long>(values, row);
            case ElementType.UInt8 or ElementType.Bool: return Write<byte>(values, row);
            case ElementType.UInt16: return Write<ushort>(values, row);
            case ElementType.UInt32: return Write<uint>(values, row);
            case ElementType.UInt64: return Write<ulong>(values, row);
            default: return false;
        }
    }

    /// <summary>Reads a row.</summary>
    /// <returns>Null where elements of the type are no numbers.</returns>
    public static double[]? Read(ElementType type, ReadOnlySpan<byte> row) => type switch
    {
        ElementType.Float32 => Read<float>(row),
        ElementType.Float64 => Read<double>(row),
        ElementType.Float16 => Read<Half>(row),
        ElementType.Int8 => Read<sbyte>(row),
        ElementType.Int16 => Read<short>(row),
        ElementType.Int32 => Read<int>(row),
        ElementType.Int64 => Read<long>(row),
        ElementType.UInt8 or ElementType.Bool => Read<byte>(row),
        ElementType.UInt16 => Read<ushort>(row),
        ElementType.UInt32 => Read<uint>(row),
        ElementType.UInt64 => Read<ulong>(row),
        _ => null,
    };

    private static bool Write<T>(double[] values, Span<byte> row)
        where T : unmanaged, System.Numerics.INumberBase<T>
    {
        var elements = MemoryMarshal.Cast<byte, T>(row);
        for (var i = 0; i < values.Length; i++)
        {
            elements[i] = T.CreateSaturating(values[i]);
        }

        return true;
    }

    private static double[] Read<T>(ReadOnlySpan<byte> row)
        where T : unmanaged, System.Numerics.INumberBase<T>
    {
        var elements = MemoryMarshal.Cast<byte, T>(row);
        var values = new double[elements.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = double.CreateSaturating(elements[i]);
        }

        return values;
    }
}
