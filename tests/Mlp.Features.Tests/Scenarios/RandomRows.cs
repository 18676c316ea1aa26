namespace Mlp.Features.Tests.Scenarios;

/// <summary>Schemas and rows of every type of column, from a seed.</summary>
internal static class RandomRows
{
    private static readonly ColumnKind[] Kinds = Enum.GetValues<ColumnKind>();

    public static RowSchema Schema(Random random)
    {
        var columns = new Column[random.Next(1, 90)];
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = Column(random, $"c{i}") with { IsNullable = random.Next(3) == 0 };
        }

        return new RowSchema(columns);
    }

    public static FeatureValue[] Values(Random random, RowSchema schema) => [.. schema.Columns.ToArray().Select(c => Value(random, c))];

    public static FeatureValue Value(Random random, Column column)
    {
        if (column.IsNullable && random.Next(3) == 0)
        {
            return FeatureValue.Missing;
        }

        var type = column.Type;
        if (type.IsScalar)
        {
            return type.Kind == ColumnKind.Category ? column.Categories[random.Next(column.Categories.Length)] : Scalar(random, type.Kind);
        }

        var length = type.IsList ? random.Next(5) : type.VectorLength;
        return type.Kind switch
        {
            ColumnKind.Bool => Of(length, () => random.Next(2) == 0),
            ColumnKind.Int8 => Of(length, () => (sbyte)random.Next(256)),
            ColumnKind.Int16 => Of(length, () => (short)random.Next(1 << 16)),
            ColumnKind.Int32 => Of(length, () => (int)random.NextInt64()),
            ColumnKind.Int64 => Of(length, () => random.NextInt64(long.MinValue, long.MaxValue)),
            ColumnKind.UInt8 => Of(length, () => (byte)random.Next(256)),
            ColumnKind.UInt16 => Of(length, () => (ushort)random.Next(1 << 16)),
            ColumnKind.UInt32 => Of(length, () => (uint)random.NextInt64()),
            ColumnKind.UInt64 => Of(length, () => (ulong)random.NextInt64(long.MinValue, long.MaxValue)),
            ColumnKind.Half => Of(length, () => (Half)random.NextSingle()),
            ColumnKind.Float => Of(length, () => random.Next(9) == 0 ? float.NaN : random.NextSingle()),
            ColumnKind.Double => Of(length, () => random.NextDouble()),
            ColumnKind.Text => Of(length, () => Text(random)),
            ColumnKind.Timestamp => Of(length, () => Scalar(random, ColumnKind.Timestamp).Time),
            _ => Of(length, () => Scalar(random, ColumnKind.Guid).Guid),
        };
    }

    private static FeatureValue Of<T>(int length, Func<T> element) => FeatureValue.Of((T[])[.. Enumerable.Range(0, length).Select(_ => element())]);

    private static Column Column(Random random, string name)
    {
        var kind = Kinds[random.Next(Kinds.Length)];
        var form = random.Next(4);
        if (kind == ColumnKind.Category)
        {
            return Features.Column.Category(name, "red", "green, or blue", "ünïcode");
        }

        return form == 0 ? Features.Column.List(name, kind)
            : form == 1 && kind <= ColumnKind.Double ? Features.Column.Vector(name, random.Next(1, 7), kind)
            : Features.Column.Of(name, kind);
    }

    private static FeatureValue Scalar(Random random, ColumnKind kind) => kind switch
    {
        ColumnKind.Bool => random.Next(2) == 0,
        ColumnKind.Int8 => (long)(sbyte)random.Next(256),
        ColumnKind.Int16 => (long)(short)random.Next(1 << 16),
        ColumnKind.Int32 => (long)(int)random.NextInt64(),
        ColumnKind.Int64 => random.NextInt64(long.MinValue, long.MaxValue),
        ColumnKind.UInt8 => (long)random.Next(256),
        ColumnKind.UInt16 => (long)random.Next(1 << 16),
        ColumnKind.UInt32 => (long)(uint)random.NextInt64(),
        ColumnKind.UInt64 => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
        ColumnKind.Half => (double)(Half)random.NextSingle(),
        ColumnKind.Float => random.Next(9) == 0 ? double.NaN : (double)random.NextSingle(),
        ColumnKind.Double => random.Next(9) == 0 ? double.NegativeInfinity : random.NextDouble(),
        ColumnKind.Text => Text(random),
        ColumnKind.Timestamp => DateTime.UnixEpoch.AddTicks(random.NextInt64(-1_000_000_000, 1_000_000_000_000) * TimeSpan.TicksPerMicrosecond),
        _ => new Guid([.. Enumerable.Range(0, 16).Select(_ => (byte)random.Next(256))]),
    };

    private static string Text(Random random) => new([.. Enumerable.Range(0, random.Next(40)).Select(_ => (char)('a' + random.Next(26)))]);
}
