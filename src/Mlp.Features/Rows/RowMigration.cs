using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>Turns rows of an older schema into rows of a newer one: the same bytes that the newer schema's codec would have written.</summary>
public sealed class RowMigration
{
    private readonly RowSchema _older;
    private readonly RowSchema _newer;
    private readonly Step[] _steps;

    private RowMigration(RowSchema older, RowSchema newer, SchemaChange change)
    {
        _older = older;
        _newer = newer;
        Change = change;
        _steps = IsIdentity ? [] : Array.ConvertAll(newer.Columns.ToArray(), column => StepOf(older, newer, column));
    }

    /// <summary>How the schemas differ.</summary>
    public SchemaChange Change { get; }

    /// <summary>Whether rows are the same, so that none needs to be turned.</summary>
    public bool IsIdentity => Change.Compatibility == SchemaCompatibility.Identical;

    /// <summary>Plans the migration.</summary>
    /// <param name="older">What rows were written with.</param>
    /// <param name="newer">What they are to be read with.</param>
    /// <exception cref="MlpException"><see cref="FeatureErrors.SchemaMismatch"/>: the schemas are incompatible; the message has what became of each column.</exception>
    public static RowMigration Of(RowSchema older, RowSchema newer)
    {
        var change = RowSchema.Compare(older, newer);
        return change.Compatibility != SchemaCompatibility.Incompatible
            ? new RowMigration(older, newer, change)
            : throw new MlpException(FeatureErrors.SchemaMismatch, $"Rows cannot be read with the newer columns:\n{change}");
    }

    /// <summary>Bytes that a row has when it is turned.</summary>
    /// <param name="old">The older row.</param>
    /// <exception cref="MlpException"><see cref="FeatureErrors.RowInvalid"/>: these are no bytes of such a row.</exception>
    public int LengthOf(ReadOnlySpan<byte> old)
    {
        if (old.Length < _older.FixedBytes)
        {
            throw InvalidRow.Of($"A row has {old.Length} bytes; expected at least {_older.FixedBytes}: {_older.Canonical}.");
        }

        if (IsIdentity)
        {
            return old.Length;
        }

        var length = _newer.FixedBytes;
        foreach (ref readonly var step in _steps.AsSpan())
        {
            if (step.To.Column.Type.IsVariable)
            {
                length += Comes(step, old) switch { Origin.Older => RowTail.Of(_older, old, step.From).Length, Origin.Default => step.Default.Length, _ => 0 };
            }
        }

        return length;
    }

    /// <summary>Turns a row.</summary>
    /// <param name="old">The older row.</param>
    /// <param name="fresh">Gets the newer one; <see cref="LengthOf"/> bytes at least.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="MlpException"><see cref="FeatureErrors.RowInvalid"/>: these are no bytes of such a row.</exception>
    public int Migrate(ReadOnlySpan<byte> old, Span<byte> fresh)
    {
        var length = LengthOf(old);
        if (fresh.Length < length)
        {
            throw new ArgumentException($"{fresh.Length} bytes were given for a row of {length}.", nameof(fresh));
        }

        if (IsIdentity)
        {
            old.CopyTo(fresh);
            return length;
        }

        fresh = fresh[..length];
        fresh[.._newer.FixedBytes].Clear();
        var end = _newer.FixedBytes;
        foreach (ref readonly var step in _steps.AsSpan())
        {
            end += Take(step, old, fresh, end);
        }

        Debug.Assert(end == length, "every byte was counted before");
        return length;
    }

    // Returns the bytes added to the tail.
    private int Take(in Step step, ReadOnlySpan<byte> old, Span<byte> fresh, int end)
    {
        var origin = Comes(step, old);
        if (origin == Origin.Nowhere)
        {
            RowElements.SetMissing(fresh, step.To);
            return 0;
        }

        var place = fresh[step.To.Offset..];
        if (step.To.Column.Type.IsVariable)
        {
            var bytes = origin == Origin.Default ? step.Default : RowTail.Of(_older, old, step.From);
            bytes.CopyTo(fresh[end..]);
            BinaryPrimitives.WriteInt32LittleEndian(place, end);
            BinaryPrimitives.WriteInt32LittleEndian(place[sizeof(int)..], bytes.Length);
            return bytes.Length;
        }

        if (origin == Origin.Default)
        {
            step.Default.CopyTo(place);
        }
        else if (step.CategoryNumbers is { } numbers)
        {
            BinaryPrimitives.WriteInt32LittleEndian(place, NumberOf(step, numbers, BinaryPrimitives.ReadInt32LittleEndian(old[step.From.Offset..])));
        }
        else
        {
            ElementWidening.Copy(old[step.From.Offset..], step.From.Column.Type, place, step.To.Column.Type);
        }

        return 0;
    }

    private static int NumberOf(in Step step, int[] numbers, int older) => (uint)older < (uint)numbers.Length
        ? numbers[older]
        : throw InvalidRow.Of($"A row has the category {older} for '{step.From.Column.Name}', which had {numbers.Length}.");

    private static Origin Comes(in Step step, ReadOnlySpan<byte> old) =>
        step.IsAdded ? step.HasDefault ? Origin.Default : Origin.Nowhere
        : !RowElements.IsMissing(old, step.From) ? Origin.Older
        : step.To.Column.IsNullable ? Origin.Nowhere : Origin.Default;

    private static Step StepOf(RowSchema older, RowSchema newer, Column column)
    {
        var to = newer.Fields[newer.IndexOf(column.Name)];
        var was = older.IndexOf(column.Name);
        var given = column.Default is { } value ? BytesOf(column, value) : null;
        if (was < 0)
        {
            return new Step(default, to, true, given, null);
        }

        var from = older.Fields[was];
        var numbers = column.Categories.SequenceEqual(from.Column.Categories) ? null
            : Array.ConvertAll(from.Column.Categories.ToArray(), category => column.Categories.IndexOf(category));
        return new Step(from, to, false, given, numbers);
    }

    private static byte[] BytesOf(Column column, in FeatureValue value)
    {
        var type = column.Type;
        if (type.IsVariable)
        {
            var tail = new ArrayBufferWriter<byte>();
            RowTail.Write(tail, type, value);
            return tail.WrittenSpan.ToArray();
        }

        var bytes = new byte[ColumnType.ElementBytes(type.Kind) * Math.Max(1, type.VectorLength)];
        RowElements.Write(bytes, column, value);
        return bytes;
    }

    private enum Origin
    {
        Older,
        Default,
        Nowhere,
    }

    private readonly record struct Step(RowField From, RowField To, bool IsAdded, byte[]? Given, int[]? CategoryNumbers)
    {
        public bool HasDefault => Given is not null;

        public ReadOnlySpan<byte> Default => Given;
    }
}
