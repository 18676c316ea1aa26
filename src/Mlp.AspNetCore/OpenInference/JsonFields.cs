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
        return json.TokenType == JsonTokenType.String ? json.GetString()! : throw new RequestFieldException(field, $"'{field}' is not a text.");
    }
}
