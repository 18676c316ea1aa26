using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Mlp.Core;

/// <summary>
/// The tokens of Universal Binary JSON, draft 12 (ubjson.org), numbers big-endian, with the optimised containers <c>$</c> (one type for all
/// values) and <c>#</c> (their count). A length or count is compared with what is left of the file before it is used.
/// </summary>
internal ref struct UbjTokens : IModelTokens
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly Container[] _open = new Container[IModelTokens.DepthMax];
    private int _at;
    private int _depth;
    private bool _named;
    private byte _type;
    private ReadOnlySpan<byte> _text;
    private long _integer;
    private double _number;

    public UbjTokens(ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes;
    }

    public ModelToken Token { get; private set; }

    public long Position { get; private set; }

    private readonly int Left => _bytes.Length - _at;

    public ModelToken Next() => Token = Read();

    public void Skip()
    {
        if (Token is not (ModelToken.ObjectStart or ModelToken.ArrayStart))
        {
            return;
        }

        var depth = _depth;
        do
        {
            Next();
        }
        while (_depth >= depth);
    }

    public readonly bool Is(ReadOnlySpan<byte> text) => _text.SequenceEqual(text);

    public readonly string Text() => Encoding.UTF8.GetString(_text);

    public readonly long Integer() => Token == ModelToken.Number && _type is not ((byte)'d' or (byte)'D') ? _integer : throw Unexpected("an integer");

    public readonly float Float()
    {
        if (Token != ModelToken.Number)
        {
            throw Unexpected("a number");
        }

        var value = (float)_number;
        return float.IsInfinity(value) && double.IsFinite(_number) ? throw Unexpected("a number that a float can hold") : value;
    }

    private ModelToken Read()
    {
        Position = _at;
        if (_depth == 0)
        {
            // The document's one value, or its end.
            return _at == 0 ? Value(Marker())
                : Left == 0 ? ModelToken.End
                : throw Invalid(string.Create(CultureInfo.InvariantCulture, $"{Left} bytes after its end"));
        }

        ref var container = ref _open[_depth - 1];
        if (_named)
        {
            _named = false;
            return Value(container.Type != 0 ? container.Type : Marker());
        }

        if (Ends(ref container))
        {
            _depth--;
            return container.IsObject ? ModelToken.ObjectEnd : ModelToken.ArrayEnd;
        }

        if (container.IsObject)
        {
            _text = Take(Length(Marker()));
            _named = true;
            return ModelToken.Name;
        }

        return Value(container.Type != 0 ? container.Type : Marker());
    }

    private bool Ends(ref Container container)
    {
        if (container.Left >= 0)
        {
            container.Left--;
            return container.Left < 0;
        }

        // N is nothing at all: what a stream is kept alive with.
        while (Left > 0 && _bytes[_at] == 'N')
        {
            _at++;
        }

        if (Left == 0 || _bytes[_at] != (container.IsObject ? '}' : ']'))
        {
            return false;
        }

        _at++;
        return true;
    }

    private ModelToken Value(byte type)
    {
        _type = type;
        switch ((char)type)
        {
            case '{' or '[':
                return Open(type == '{');
            case 'S':
                _text = Take(Length(Marker()));
                return ModelToken.Text;
            case 'C':
                _text = Take(1);
                return ModelToken.Text;
            case 'T':
                return ModelToken.True;
            case 'F':
                return ModelToken.False;
            case 'Z':
                return ModelToken.Null;
            case 'd':
                _number = BinaryPrimitives.ReadSingleBigEndian(Take(4));
                return ModelToken.Number;
            case 'D':
                _number = BinaryPrimitives.ReadDoubleBigEndian(Take(8));
                return ModelToken.Number;
            default:
                _integer = IntegerOf(type);
                _number = _integer;
                return ModelToken.Number;
        }
    }

    private ModelToken Open(bool isObject)
    {
        if (_depth == IModelTokens.DepthMax)
        {
            throw Invalid($"more than {IModelTokens.DepthMax} objects and arrays within each other");
        }

        byte type = 0;
        if (Left > 0 && _bytes[_at] == '$')
        {
            _at++;
            type = Marker();
            if (Left == 0 || _bytes[_at] != '#')
            {
                throw Invalid($"a container of the type '{Shown(type)}' without a count");
            }
        }

        long count = -1;
        if (Left > 0 && _bytes[_at] == '#')
        {
            _at++;
            count = IntegerOf(Marker());
            var bytesMin = (type == 0 ? 1 : BytesMin(type)) + (isObject ? 2 : 0);
            if (count < 0 || count > Left / bytesMin)
            {
                throw Invalid(string.Create(CultureInfo.InvariantCulture, $"a container of {count} values, with {Left} bytes left for them"));
            }
        }

        _open[_depth++] = new Container { IsObject = isObject, Type = type, Left = count };
        return isObject ? ModelToken.ObjectStart : ModelToken.ArrayStart;
    }

    private readonly int BytesMin(byte type) => (char)type switch
    {
        'i' or 'U' or 'C' or '[' or '{' => 1,
        'I' or 'S' => 2,
        'l' or 'd' => 4,
        'L' or 'D' => 8,
        _ => throw Invalid($"a container of the type '{Shown(type)}'"),
    };

    private long IntegerOf(byte type) => (char)type switch
    {
        'i' => (sbyte)Take(1)[0],
        'U' => Take(1)[0],
        'I' => BinaryPrimitives.ReadInt16BigEndian(Take(2)),
        'l' => BinaryPrimitives.ReadInt32BigEndian(Take(4)),
        'L' => BinaryPrimitives.ReadInt64BigEndian(Take(8)),
        _ => throw Invalid($"the type '{Shown(type)}'"),
    };

    private long Length(byte type)
    {
        var length = IntegerOf(type);
        return length >= 0 && length <= Left ? length : throw Invalid(string.Create(CultureInfo.InvariantCulture, $"a text of {length} bytes, with {Left} left"));
    }

    private byte Marker() => Take(1)[0];

    private ReadOnlySpan<byte> Take(long length)
    {
        if (length > Left)
        {
            throw Invalid("its end where a value goes on");
        }

        var taken = _bytes.Slice(_at, (int)length);
        _at += (int)length;
        return taken;
    }

    private static string Shown(byte type) => type is > 32 and < 127 ? ((char)type).ToString() : string.Create(CultureInfo.InvariantCulture, $"byte {type}");

    private readonly MlpException Invalid(string found) => new(ErrorCodes.ModelInvalid, string.Create(CultureInfo.InvariantCulture, $"The model's UBJ has {found}, at byte {_at}."));

    private readonly MlpException Unexpected(string expected) =>
        new(ErrorCodes.ModelInvalid, string.Create(CultureInfo.InvariantCulture, $"The model has a value of the type '{Shown(_type)}' at byte {Position}; expected {expected}."));

    private struct Container
    {
        public bool IsObject;
        public byte Type;

        // Values to come where a count was stated; else negative from the start.
        public long Left;
    }
}
