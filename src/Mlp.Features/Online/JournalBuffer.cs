using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Mlp.Features;

/// <summary>
/// An entry of the journal on its way there: a checksum, the entry's number, then what it says. The numbers have no gaps, so a lost piece of the journal is
/// noticed like a changed one.
/// </summary>
internal sealed class JournalBuffer
{
    /// <summary>Bytes before what an entry says.</summary>
    public const int HeadBytes = sizeof(uint) + sizeof(long);

    private byte[] _bytes = new byte[256];
    private int _length = HeadBytes;

    /// <summary>Bytes of the entry so far.</summary>
    public int Length => _length;

    /// <summary>Whether it says nothing yet.</summary>
    public bool IsEmpty => _length == HeadBytes;

    public void Clear() => _length = HeadBytes;

    public void Byte(byte value) => Room(1)[0] = value;

    public void Int32(int value) => BinaryPrimitives.WriteInt32LittleEndian(Room(sizeof(int)), value);

    public void Int64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Room(sizeof(long)), value);

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Int32(value.Length);
        value.CopyTo(Room(value.Length));
    }

    public void Text(string value)
    {
        var bytes = Encoding.UTF8.GetByteCount(value);
        Int32(bytes);
        Encoding.UTF8.GetBytes(value, Room(bytes));
    }

    /// <summary>The next bytes, for the caller to fill.</summary>
    public Span<byte> Room(int bytes)
    {
        if (_bytes.Length - _length < bytes)
        {
            Array.Resize(ref _bytes, (int)Math.Max(Math.Min(2L * _bytes.Length, Array.MaxLength), (long)_length + bytes));
        }

        var room = _bytes.AsSpan(_length, bytes);
        _length += bytes;
        return room;
    }

    /// <summary>The checksum of what it says, to be finished with its number.</summary>
    public uint Checksum() => Checksum(_bytes.AsSpan(HeadBytes, _length - HeadBytes));

    /// <summary>The whole entry, once its number is known.</summary>
    public ReadOnlySpan<byte> Seal(uint checksum, long number)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes, BitOperations.Crc32C(checksum, (ulong)number));
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan(sizeof(uint)), number);
        return _bytes.AsSpan(0, _length);
    }

    /// <summary>What an entry says, should it be whole and have this number.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> entry, long number, out ReadOnlySpan<byte> body)
    {
        body = default;
        if (entry.Length <= HeadBytes || BinaryPrimitives.ReadInt64LittleEndian(entry[sizeof(uint)..]) != number)
        {
            return false;
        }

        body = entry[HeadBytes..];
        return BitOperations.Crc32C(Checksum(body), (ulong)number) == BinaryPrimitives.ReadUInt32LittleEndian(entry);
    }

    /// <summary>CRC-32C; of the length as well.</summary>
    public static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var sum = BitOperations.Crc32C(uint.MaxValue, (uint)bytes.Length);
        while (bytes.Length >= sizeof(ulong))
        {
            sum = BitOperations.Crc32C(sum, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (var one in bytes)
        {
            sum = BitOperations.Crc32C(sum, one);
        }

        return sum;
    }
}
