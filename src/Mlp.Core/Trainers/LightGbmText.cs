using System.Text;

namespace Mlp.Core;

/// <summary>A LightGBM model's lines, of which most are <c>key=value</c>. Nothing is copied.</summary>
internal ref struct LightGbmText(ReadOnlySpan<byte> bytes)
{
    private const int QuotedBytesMax = 40;

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position;
    private int _start;
    private int _line;

    /// <summary>The line read last, without its end.</summary>
    public ReadOnlySpan<byte> Line { get; private set; }

    /// <summary>What stands before the line's first equals sign; the whole line where it has none.</summary>
    public readonly ReadOnlySpan<byte> Key => Line.IndexOf((byte)'=') is var end and >= 0 ? Line[..end] : Line;

    /// <summary>What follows the line's first equals sign.</summary>
    public readonly ReadOnlySpan<byte> Value => Line.IndexOf((byte)'=') is var end and >= 0 ? Line[(end + 1)..] : default;

    /// <summary>Where <see cref="Value"/> lies in the model.</summary>
    public readonly Range ValueRange => (_start + Line.Length - Value.Length)..(_start + Line.Length);

    /// <summary>Whether the line ends the list of trees.</summary>
    public readonly bool EndsTrees => Line.SequenceEqual("end of trees"u8);

    /// <summary>Whether the line begins a tree.</summary>
    public readonly bool BeginsTree => Line.StartsWith("Tree="u8);

    /// <summary>A piece of the model as a message shows it: its first characters.</summary>
    public static string Quote(ReadOnlySpan<byte> text) =>
        text.Length <= QuotedBytesMax ? $"'{Encoding.UTF8.GetString(text)}'" : $"'{Encoding.UTF8.GetString(text[..QuotedBytesMax])}...'";

    /// <summary>Goes to the next line that is not empty; false where there is none.</summary>
    public bool Next()
    {
        while (_position < _bytes.Length)
        {
            var rest = _bytes[_position..];
            var length = rest.IndexOf((byte)'\n');
            Line = (length < 0 ? rest : rest[..length]).TrimEnd(" \r"u8);
            _start = _position;
            _position += length < 0 ? rest.Length : length + 1;
            _line++;
            if (!Line.IsEmpty)
            {
                return true;
            }
        }

        Line = default;
        return false;
    }

    /// <summary>As <see cref="Next"/>, where the trees have not ended yet.</summary>
    public void RequireNext()
    {
        if (!Next())
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"The LightGBM model ends after line {_line}; expected 'end of trees' before it does.");
        }
    }

    /// <summary>A part of the model.</summary>
    public readonly ReadOnlySpan<byte> Slice(Range range) => _bytes[range];

    public readonly MlpException Invalid(string found) => new(ErrorCodes.ModelInvalid, $"The LightGBM model's line {_line} has {found}.");
}
