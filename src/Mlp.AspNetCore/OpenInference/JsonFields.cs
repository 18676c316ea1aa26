using System.Text.Json;

namespace Mlp.AspNetCore;

/// <summary>Reads members of JSON objects, or says which one is wrong.</summary>
internal static class JsonFields
{
    public static void Expect(JsonTokenType found, JsonTokenType expected, string field)
    {
        if (found != expected)
        {
            throw new RequestFieldException(field, $"'{field}' is not {(expected == JsonTokenType.StartArray ? "an array" : "an object")}.");
        }
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
