using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Mlp.Features;

/// <summary>Reads what an entry says. Its checksum was right: what does not fit was written by another version.</summary>
internal ref struct JournalEntryReader(ReadOnlySpan<byte> body)
{
    public static readonly int KeyBytes = Unsafe.SizeOf<EntityKey>();

    private ReadOnlySpan<byte> _left = body;

    public readonly bool IsAtEnd => _left.IsEmpty;

    public byte Byte() => Take(1)[0];

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    public EntityKey Key() => MemoryMarshal.Read<EntityKey>(Take(KeyBytes));

    public ReadOnlySpan<byte> Bytes() => Take(Int32());

    public string Text() => Encoding.UTF8.GetString(Bytes());

    /// <summary>A number of things, each of which takes so many bytes or more.</summary>
    public int Count(int bytesEach)
    {
        var count = Int32();
        return count >= 0 && count <= _left.Length / bytesEach ? count : throw new InvalidDataException($"{count} values in {_left.Length} bytes");
    }

    public ReadOnlySpan<byte> Take(int bytes)
    {
        if (bytes < 0 || bytes > _left.Length)
        {
            throw new InvalidDataException($"{bytes} bytes of {_left.Length}");
        }

        var taken = _left[..bytes];
        _left = _left[bytes..];
        return taken;
    }
}
