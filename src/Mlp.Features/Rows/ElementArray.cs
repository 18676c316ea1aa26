namespace Mlp.Features;

/// <summary>Arrays of a kind's .NET type out of values, for vectors and lists that come as text or JSON.</summary>
internal static class ElementArray
{
    /// <summary>Makes one.</summary>
    /// <exception cref="OverflowException">A value is out of the kind's range.</exception>
    public static Array Of(ColumnKind kind, FeatureValue[] values) => kind switch
    {
        ColumnKind.Bool => Array.ConvertAll(values, static v => v.Integer != 0),
        ColumnKind.Int8 => Array.ConvertAll(values, static v => checked((sbyte)v.Integer)),
        ColumnKind.Int16 => Array.ConvertAll(values, static v => checked((short)v.Integer)),
        ColumnKind.Int32 => Array.ConvertAll(values, static v => checked((int)v.Integer)),
        ColumnKind.Int64 => Array.ConvertAll(values, static v => v.Integer),
        ColumnKind.UInt8 => Array.ConvertAll(values, static v => checked((byte)v.Integer)),
        ColumnKind.UInt16 => Array.ConvertAll(values, static v => checked((ushort)v.Integer)),
        ColumnKind.UInt32 => Array.ConvertAll(values, static v => checked((uint)v.Integer)),
        ColumnKind.UInt64 => Array.ConvertAll(values, static v => v.Type.Kind == ColumnKind.UInt64 ? (ulong)v.Integer : checked((ulong)v.Integer)),
        ColumnKind.Half => Array.ConvertAll(values, static v => (Half)v.Number),
        ColumnKind.Float => Array.ConvertAll(values, static v => (float)v.Number),
        ColumnKind.Double => Array.ConvertAll(values, static v => v.Number),
        ColumnKind.Timestamp => Array.ConvertAll(values, static v => v.Time),
        ColumnKind.Guid => Array.ConvertAll(values, static v => v.Guid),
        _ => Array.ConvertAll(values, static v => v.Text!),
    };
}
