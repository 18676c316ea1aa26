namespace Mlp.Features;

/// <summary>What one element of a column is.</summary>
public enum ColumnKind
{
    /// <summary>True or false; 1 or 0 in a tensor.</summary>
    Bool,

    /// <summary>A signed integer of 8 bits.</summary>
    Int8,

    /// <summary>A signed integer of 16 bits.</summary>
    Int16,

    /// <summary>A signed integer of 32 bits.</summary>
    Int32,

    /// <summary>A signed integer of 64 bits.</summary>
    Int64,

    /// <summary>An unsigned integer of 8 bits.</summary>
    UInt8,

    /// <summary>An unsigned integer of 16 bits.</summary>
    UInt16,

    /// <summary>An unsigned integer of 32 bits.</summary>
    UInt32,

    /// <summary>An unsigned integer of 64 bits.</summary>
    UInt64,

    /// <summary>A floating-point number of 16 bits.</summary>
    Half,

    /// <summary>A floating-point number of 32 bits.</summary>
    Float,

    /// <summary>A floating-point number of 64 bits.</summary>
    Double,

    /// <summary>A text; it has no place in a tensor.</summary>
    Text,

    /// <summary>One of the column's declared categories, stored as its number in their order; that number in a tensor.</summary>
    Category,

    /// <summary>A moment, UTC, in whole microseconds; it has no place in a tensor.</summary>
    Timestamp,

    /// <summary>A GUID, for keys; it has no place in a tensor.</summary>
    Guid,
}
