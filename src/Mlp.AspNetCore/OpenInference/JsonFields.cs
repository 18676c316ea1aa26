using System.Text.Json;

namespace Mlp.AspNetCore;

/// <summary>Reads members of JSON objects, or says which one is wrong.</summary>
internal static class JsonFields
{
    private const int NameLengthMax = 1024;

    public static void Expect(JsonTokenType found, JsonTokenType expected, string field)
    {
        if (found != expected)
        {
            throw new RequestFieldException(field, $"'{field}' is not {(expected == JsonTokenType.StartArray ? "an array" : "an object")}.");
        }
    }

    /// <summary>The name of a tensor or a type: a text short enough to come back in an error.</summary>
    public static string Name(ref Utf8JsonReader json, string field)
    {
        var name = Text(ref json, field);
        return name.Length <= NameLengthMax ? name : throw new RequestFieldException(field, $"'{field}' has {name.Length} characters; expected at most {NameLengthMax}.");
    }

    public static string Text(ref Utf8JsonReader json, string field)
    {
        json.Read();
        if (json.TokenType != JsonTokenType.String)
        {
            throw new RequestFieldException(field, $"'{field}' is not a text.");
        }

        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            // How the reader reports half a surrogate pair and bytes that are no UTF-8.
            throw new RequestFieldException(field, $"'{field}' is not a text in UTF-8.", e);
        }
    }
}
