using System.Runtime.InteropServices;

namespace Mlp.Features;

/// <summary>What entries of the journal look like.</summary>
internal static class JournalEntries
{
    /// <summary>Bytes of an entry of one row beside the row.</summary>
    public const int RowBytes = JournalBuffer.HeadBytes + 64;

    /// <summary>Makes an entry of an event or a retraction; only of that, when its event had become known.</summary>
    public static void Event(JournalBuffer entry, JournalEntryKind kind, int view, long known, long micros, ReadOnlySpan<FeatureValue> values)
    {
        Begin(entry, kind);
        entry.Int32(view);
        entry.Int64(known);
        if (kind == JournalEntryKind.Retraction)
        {
            entry.Int64(micros);
        }

        entry.Int32(values.Length);
        foreach (ref readonly var value in values)
        {
            JournalValues.Write(entry, value);
        }
    }

    /// <summary>Adds a row to an entry of rows of one view; the first begins it.</summary>
    public static void Row(JournalBuffer entry, int view, EntityKey key, long micros, long created, bool always, ReadOnlySpan<byte> row)
    {
        if (entry.IsEmpty)
        {
            Begin(entry, JournalEntryKind.Rows);
            entry.Int32(view);
        }

        Key(entry, key);
        entry.Int64(micros);
        entry.Int64(created);
        entry.Byte(always ? (byte)1 : (byte)0);
        entry.Bytes(row);
    }

    public static void Deletion(JournalBuffer entry, int view, EntityKey key, long micros)
    {
        Begin(entry, JournalEntryKind.Deletion);
        entry.Int32(view);
        Key(entry, key);
        entry.Int64(micros);
    }

    public static void Load(JournalBuffer entry, long fromMicros, long untilMicros)
    {
        Begin(entry, JournalEntryKind.Load);
        entry.Int64(fromMicros);
        entry.Int64(untilMicros);
    }

    private static void Begin(JournalBuffer entry, JournalEntryKind kind)
    {
        entry.Clear();
        entry.Byte((byte)kind);
    }

    private static void Key(JournalBuffer entry, EntityKey key) => MemoryMarshal.Write(entry.Room(JournalEntryReader.KeyBytes), key);
}
