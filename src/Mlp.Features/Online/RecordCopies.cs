using System.Numerics;

namespace Mlp.Features;

/// <summary>Whole records that a session's reads have copied out, and how the reads went that were under way at once. Of each read its slot.</summary>
internal sealed class RecordCopies
{
    private const int BytesFirst = 256;

    private Slot[] _slots = [new()];

    private struct Slot
    {
        public byte[]? Bytes;
        public int Length;
        public long Address;
        public StoreOutcome Outcome;
    }

    /// <summary>How a read went that had to wait for the disk.</summary>
    public StoreOutcome OutcomeOf(int slot) => _slots[slot].Outcome;

    /// <summary>Where the record lies that was read.</summary>
    public long AddressOf(int slot) => _slots[slot].Address;

    /// <summary>The record.</summary>
    public ReadOnlySpan<byte> Of(int slot) => _slots[slot].Bytes.AsSpan(0, _slots[slot].Length);

    /// <summary>Makes room for the reads that will be under way at once.</summary>
    public void Reserve(int slots)
    {
        if (_slots.Length < slots)
        {
            Array.Resize(ref _slots, slots);
        }
    }

    /// <summary>Makes room for the record that did not fit.</summary>
    public void Grow(int slot) => _slots[slot].Bytes = new byte[Math.Max(BytesFirst, (int)BitOperations.RoundUpToPowerOf2((uint)_slots[slot].Length))];

    public void Complete(int slot, StoreOutcome outcome) => _slots[slot].Outcome = outcome;

    public void Found(int slot, long address) => _slots[slot].Address = address;

    // Called while the engine holds the record: nothing is allocated here.
    public unsafe StoreOutcome Copy(int slot, byte* record, int length)
    {
        ref var to = ref _slots[slot];
        to.Length = length;
        if (to.Bytes is null || to.Bytes.Length < length)
        {
            return StoreOutcome.NoRoom;
        }

        new ReadOnlySpan<byte>(record, length).CopyTo(to.Bytes);
        return StoreOutcome.Read;
    }
}
