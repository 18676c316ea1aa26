namespace Mlp.Core;

/// <summary>Sizes and names of <see cref="ElementType"/>s.</summary>
public static class ElementTypes
{
    // One table for both directions; the names are those of mlp.json.
    private static readonly (ElementType Type, string Name, int Bytes)[] Table =
    [
        (ElementType.Float32, "float32", 4),
        (ElementType.UInt8, "uint8", 1),
        (ElementType.Int8, "int8", 1),
        (ElementType.UInt16, "uint16", 2),
        (ElementType.Int16, "int16", 2),
        (ElementType.Int32, "int32", 4),
        (ElementType.Int64, "int64", 8),
        (ElementType.String, "string", 0),
        (ElementType.Bool, "bool", 1),
        (ElementType.Float16, "float16", 2),
        (ElementType.Float64, "float64", 8),
        (ElementType.UInt32, "uint32", 4),
        (ElementType.UInt64, "uint64", 8),
        (ElementType.BFloat16, "bfloat16", 2),
    ];

    /// <summary>Bytes of one element; 0 for <see cref="ElementType.String"/>, whose elements have no fixed size.</summary>
    public static int SizeBytes(this ElementType type) => Entry(type).Bytes;

    /// <summary>The type's name in a manifest, such as <c>float32</c>.</summary>
    public static string Name(this ElementType type) => Entry(type).Name;

    /// <summary>All names, for messages.</summary>
    internal static string Names
    {
        get
        {
            var names = new string[Table.Length];
            for (var i = 0; i < names.Length; i++)
            {
                names[i] = Table[i].Name;
            }

            return string.Join(", ", names);
        }
    }

    /// <summary>Finds the type of a manifest's name.</summary>
    /// <returns>False, and <see cref="ElementType.Undefined"/>, for a name that is none.</returns>
    public static bool TryParse(string? name, out ElementType type)
    {
        foreach (var entry in Table)
        {
            if (entry.Name == name)
            {
                type = entry.Type;
                return true;
            }
        }

        type = ElementType.Undefined;
        return false;
    }

    /// <summary>Whether elements of the type are read as <typeparamref name="T"/>: its own type, or <see cref="byte"/> for booleans and <see cref="ushort"/> for <see cref="ElementType.BFloat16"/>.</summary>
    public static bool Holds<T>(this ElementType type)
        where T : unmanaged => type switch
    {
        ElementType.Float32 => typeof(T) == typeof(float),
        ElementType.UInt8 => typeof(T) == typeof(byte),
        ElementType.Int8 => typeof(T) == typeof(sbyte),
        ElementType.UInt16 or ElementType.BFloat16 => typeof(T) == typeof(ushort),
        ElementType.Int16 => typeof(T) == typeof(short),
        ElementType.Int32 => typeof(T) == typeof(int),
        ElementType.Int64 => typeof(T) == typeof(long),
        ElementType.Bool => typeof(T) == typeof(bool) || typeof(T) == typeof(byte),
        ElementType.Float16 => typeof(T) == typeof(Half),
        ElementType.Float64 => typeof(T) == typeof(double),
        ElementType.UInt32 => typeof(T) == typeof(uint),
        ElementType.UInt64 => typeof(T) == typeof(ulong),
        _ => false,
    };

    private static (ElementType Type, string Name, int Bytes) Entry(ElementType type)
    {
        foreach (var entry in Table)
        {
            if (entry.Type == type)
            {
                return entry;
            }
        }

        throw new ArgumentOutOfRangeException(nameof(type), type, "not an element type");
    }
}
