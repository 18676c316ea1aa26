using System.Text.Json;

namespace Mlp.Registry.Server;

/// <summary>Fields of a JSON object. Unknown ones are ignored; known ones must have the right type.</summary>
internal sealed class JsonFields : Fields
{
    private readonly JsonElement _object;

    public JsonFields(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw new RegistryFault(RegistryFault.BadRequest, $"The request body is a JSON {value.ValueKind}; expected an object.");
        }

        _object = value;
    }

    public override string? TextOrNull(string name) => Find(name) is not { } value ? null : Text(name, value);

    protected override string? NumberOrNull(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        { ValueKind: JsonValueKind.String } text => Text(name, text),
        { } other => throw RegistryFault.WrongValue(name, other.GetRawText(), "a number"),
    };

    public override IReadOnlyList<string> Texts(string name) => List(name, Text);

    public override IReadOnlyList<Fields> Objects(string name) => List(name, Object);

    public override Fields? ObjectOrNull(string name) => Find(name) is not { } value ? null : Object(name, value);

    private static Fields Object(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.Object ? new JsonFields(value) : throw RegistryFault.WrongValue(name, value.GetRawText(), "an object");

    private static string Text(string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            throw RegistryFault.WrongValue(name, value.GetRawText(), "a string");
        }

        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate: well-formed JSON that is no text.
            throw RegistryFault.WrongValue(name, value.GetRawText(), "a string of Unicode characters");
        }
    }

    private List<T> List<T>(string name, Func<string, JsonElement, T> read)
    {
        var list = new List<T>();
        if (Find(name) is { } value)
        {
            if (value.ValueKind != JsonValueKind.Array)
            {
                throw RegistryFault.WrongValue(name, value.GetRawText(), "a list");
            }

            foreach (var element in value.EnumerateArray())
            {
                list.Add(read(name, element));
            }
        }

        return list;
    }

    private JsonElement? Find(string name)
    {
        try
        {
            return _object.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
        }
        catch (InvalidOperationException e)
        {
            // A lone surrogate in the name of a field that the search came across.
            throw new RegistryFault(RegistryFault.BadRequest, "The request body has a field whose name is no string of Unicode characters.", e);
        }
    }
}
