using System.Text.Json;

namespace Mlp.Core;

/// <summary>Goes through a package's JSON file token by token; every message names the file and the offset.</summary>
internal ref struct PackageJson(ReadOnlySpan<byte> utf8, int depthMax, string path)
{
    /// <summary>The token that the file stands on.</summary>
    public Utf8JsonReader Token = new(utf8, new JsonReaderOptions { MaxDepth = depthMax, CommentHandling = JsonCommentHandling.Disallow });

    private readonly string _path = path;

    /// <summary>What a file is that no token can be read of.</summary>
    public static PackageException NoJson(JsonException e, string path) =>
        new(ErrorCodes.PackageInvalid, path, $"no valid JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine}: {e.Message}", e);

    /// <summary>What a text is that Utf8JsonReader cannot decode: it is no valid UTF-8 or UTF-16.</summary>
    public readonly PackageException NoText(InvalidOperationException e) => Invalid($"text that cannot be decoded ({e.Message})", e);

    public void Next()
    {
        if (!Token.Read())
        {
            throw Invalid("the end of the text in the middle of a value");
        }
    }

    /// <summary>The next property's name; null at the object's end.</summary>
    public string? NextProperty()
    {
        Next();
        return Token.TokenType == JsonTokenType.EndObject ? null : Token.GetString();
    }

    /// <summary>Leaves the value that follows out.</summary>
    public void Skip()
    {
        Next();
        Token.Skip();
    }

    public readonly void Expect(JsonTokenType type, string what)
    {
        if (Token.TokenType != type)
        {
            throw Invalid($"{Token.TokenType} for {what}; expected {type}");
        }
    }

    public readonly PackageException Invalid(string found, Exception? cause = null) =>
        new(ErrorCodes.PackageInvalid, _path, $"at byte {Token.TokenStartIndex}: found {found}.", cause);
}
