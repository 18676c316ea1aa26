using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Mlp.Core;

/// <summary>
/// Reads Protocol Buffers' wire format (protobuf.dev/programming-guides/encoding) over memory. Every length is compared with
/// what is left before it is used, so a lie about a length costs nothing.
/// </summary>
internal ref struct ProtoReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _offset;
    private int _position;
    private int _fieldStart;

    /// <param name="bytes">One message.</param>
    /// <param name="offset">Where the message begins in its file, for messages to people.</param>
    public ProtoReader(ReadOnlySpan<byte> bytes, int offset = 0)
    {
        _bytes = bytes;
        _offset = offset;
    }

    /// <summary>Number of the field read last.</summary>
    public int Field { get; private set; }

    private int WireType { get; set; }

    /// <summary>What was read so far, in bytes of this message: between two of them lies a field with its number.</summary>
    public readonly int Position => _position;

    /// <summary>Bytes of this message that were not read yet.</summary>
    public readonly int Left => _bytes.Length - _position;

    /// <summary>The field read last, with its number.</summary>
    public readonly ReadOnlySpan<byte> Whole => _bytes[_fieldStart.._position];

    /// <summary>Reads the next field's number; false at the message's end.</summary>
    public bool Next()
    {
        if (_position == _bytes.Length)
        {
            return false;
        }

        _fieldStart = _position;
        var tag = Varint();
        Field = (int)Math.Min(tag >> 3, int.MaxValue);
        WireType = (int)(tag & 7);
        return Field != 0 ? true : throw Invalid("field number 0");
    }

    public long Int64()
    {
        Require(0, "an integer");
        return (long)Varint();
    }

    public float Float()
    {
        Require(5, "a float");
        return BinaryPrimitives.ReadSingleLittleEndian(Take(4));
    }

    public ReadOnlySpan<byte> Bytes()
    {
        Require(2, "bytes");
        return Take(Length());
    }

    public string Text() => TryText(out var text) ? text : throw Invalid("text that is no UTF-8");

    /// <summary>Reads what is a text in most files, and bytes in some.</summary>
    /// <returns>False, and the empty text, for bytes that are no UTF-8.</returns>
    public bool TryText(out string text)
    {
        var bytes = Bytes();
        var isText = Utf8.IsValid(bytes);
        text = isText ? Encoding.UTF8.GetString(bytes) : "";
        return isText;
    }

    public ProtoReader Message()
    {
        Require(2, "a message");
        var length = Length();
        var start = _offset + _position;
        return new ProtoReader(Take(length), start);
    }

    /// <summary>Integers of a repeated field, packed or one at a time.</summary>
    public void Int64s(List<long> into)
    {
        if (WireType == 2)
        {
            var packed = Message();
            while (packed._position < packed._bytes.Length)
            {
                into.Add((long)packed.Varint());
            }
        }
        else
        {
            into.Add(Int64());
        }
    }

    /// <summary>Floats of a repeated field, packed or one at a time.</summary>
    public void Floats(List<float> into)
    {
        if (WireType != 2)
        {
            into.Add(Float());
            return;
        }

        var bytes = Bytes();
        if (bytes.Length % 4 != 0)
        {
            throw Invalid($"{bytes.Length} bytes of packed floats");
        }

        for (var i = 0; i < bytes.Length; i += 4)
        {
            into.Add(BinaryPrimitives.ReadSingleLittleEndian(bytes[i..]));
        }
    }

    /// <summary>Doubles of a repeated field, packed or one at a time.</summary>
    public void Doubles(List<double> into)
    {
        if (WireType != 2)
        {
            Require(1, "a double");
            into.Add(BinaryPrimitives.ReadDoubleLittleEndian(Take(8)));
            return;
        }

        var bytes = Bytes();
        if (bytes.Length % 8 != 0)
        {
            throw Invalid($"{bytes.Length} bytes of packed doubles");
        }

        for (var i = 0; i < bytes.Length; i += 8)
        {
            into.Add(BinaryPrimitives.ReadDoubleLittleEndian(bytes[i..]));
        }
    }

    /// <summary>Skips the field.</summary>
    public void Skip()
    {
        switch (WireType)
        {
            case 0: Varint(); break;
            case 1: Take(8); break;
            case 2: Take(Length()); break;
            case 5: Take(4); break;
            default: throw Invalid($"wire type {WireType}");
        }
    }

    public readonly MlpException Invalid(string found) =>
        new(ErrorCodes.ModelInvalid, $"The bytes are no ONNX model: at byte {_offset + _position}, in field {Field}: found {found}.");

    private int Length()
    {
        var length = Varint();
        return length <= (ulong)(_bytes.Length - _position) ? (int)length : throw Invalid($"a length of {length} with {_bytes.Length - _position} bytes left");
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _bytes.Length - _position)
        {
            throw Invalid($"{_bytes.Length - _position} bytes where {length} are needed");
        }

        var taken = _bytes.Slice(_position, length);
        _position += length;
        return taken;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (_position == _bytes.Length)
            {
                throw Invalid("the end in the middle of a number");
            }

            var part = _bytes[_position++];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        throw Invalid("a number of more than 10 bytes");
    }

    private readonly void Require(int wireType, string what)
    {
        if (WireType != wireType)
        {
            throw Invalid($"wire type {WireType} for {what}, expected {wireType}");
        }
    }
}
