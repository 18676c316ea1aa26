using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Mlp.Core;

/// <summary>The tokens of JSON, and of what XGBoost writes beyond JSON: <c>NaN</c>, <c>Infinity</c> and <c>-Infinity</c> as numbers.</summary>
internal ref struct JsonTokens : IModelTokens
{
    private Utf8JsonReader _reader;

    public JsonTokens(ReadOnlySpan<byte> json)
    {
        _reader = new Utf8JsonReader(Quoted(json), new JsonReaderOptions { MaxDepth = IModelTokens.DepthMax });
    }

    public ModelToken Token { get; private set; }

    public readonly long Position => _reader.TokenStartIndex;

    public ModelToken Next()
    {
        try
        {
            Token = _reader.Read() ? Of(_reader.TokenType) : ModelToken.End;
        }
        catch (JsonException e)
        {
            throw Damaged(e);
        }

        return Token;
    }

    public void Skip()
    {
        try
        {
            _reader.Skip();
        }
        catch (JsonException e)
        {
            throw Damaged(e);
        }

        Token = Of(_reader.TokenType);
    }

    public readonly bool Is(ReadOnlySpan<byte> text)
    {
        try
        {
            return _reader.ValueTextEquals(text);
        }
        catch (InvalidOperationException e)
        {
            throw Damaged(e);
        }
    }

    public readonly string Text()
    {
        try
        {
            return _reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            // A text that is no Unicode.
            throw Damaged(e);
        }
    }

    public readonly long Integer() => Token == ModelToken.Number && _reader.TryGetInt64(out var value) ? value : throw Unexpected("an integer");

    public readonly float Float()
    {
        if (Token == ModelToken.Text)
        {
            return _reader.ValueSpan switch
            {
                [] => float.NaN,
                [(byte)'i'] => float.PositiveInfinity,
                [(byte)'-', (byte)'i'] => float.NegativeInfinity,
                _ => throw Unexpected("a number"),
            };
        }

        return Token == ModelToken.Number && _reader.TryGetSingle(out var value) && float.IsFinite(value) ? value : throw Unexpected("a number that a float can hold");
    }

    private static ModelToken Of(JsonTokenType type) => type switch
    {
        JsonTokenType.StartObject => ModelToken.ObjectStart,
        JsonTokenType.EndObject => ModelToken.ObjectEnd,
        JsonTokenType.StartArray => ModelToken.ArrayStart,
        JsonTokenType.EndArray => ModelToken.ArrayEnd,
        JsonTokenType.PropertyName => ModelToken.Name,
        JsonTokenType.String => ModelToken.Text,
        JsonTokenType.Number => ModelToken.Number,
        JsonTokenType.True => ModelToken.True,
        JsonTokenType.False => ModelToken.False,
        _ => ModelToken.Null,
    };

    // JSON has no NaN and no infinities. Each becomes a text of the same length, so that positions stay those of the file.
    private static ReadOnlySpan<byte> Quoted(ReadOnlySpan<byte> json)
    {
        if (json.IndexOf("NaN"u8) < 0 && json.IndexOf("Infinity"u8) < 0)
        {
            return json;
        }

        var copy = json.ToArray();
        for (var at = 0; at < copy.Length;)
        {
            var rest = copy.AsSpan(at);
            var quoted = rest.StartsWith("NaN"u8) ? "\"\" "u8
                : rest.StartsWith("Infinity"u8) ? "\"i\"     "u8
                : rest.StartsWith("-Infinity"u8) ? "\"-i\"     "u8
                : default;
            quoted.CopyTo(rest);
            at += quoted.Length > 0 ? quoted.Length : rest[0] == '"' ? EndOfText(rest) : 1;
        }

        return copy;
    }

    private static int EndOfText(ReadOnlySpan<byte> text)
    {
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == '"')
            {
                return i + 1;
            }
        }

        return text.Length;
    }

    private readonly MlpException Damaged(Exception cause) =>
        new(ErrorCodes.ModelInvalid, string.Create(CultureInfo.InvariantCulture, $"The model's JSON is damaged after byte {_reader.BytesConsumed}: {cause.Message}"), cause);

    private readonly MlpException Unexpected(string expected)
    {
        var found = _reader.ValueSpan;
        var text = Token is ModelToken.ObjectStart or ModelToken.ArrayStart ? "an object or array" : Encoding.UTF8.GetString(found[..Math.Min(found.Length, 40)]);
        return new(ErrorCodes.ModelInvalid, string.Create(CultureInfo.InvariantCulture, $"The model has '{text}' at byte {Position}; expected {expected}."));
    }
}
