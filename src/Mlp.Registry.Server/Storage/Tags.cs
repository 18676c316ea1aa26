using Microsoft.Data.Sqlite;

namespace Mlp.Registry.Server;

/// <summary>Limits and shapes that tags, parameters and metrics share.</summary>
internal static class Tags
{
    private const int KeyLengthMax = 250;
    private const int ValueLengthMax = 5000;

    public static KeyValue Row(SqliteDataReader reader) => new(reader.GetString(0), reader.GetString(1));

    public static KeyValue Read(Fields fields) => new(Key(fields), fields.TextOrNull("value", ValueLengthMax) ?? "");

    public static List<KeyValue> ReadAll(Fields fields) => ReadAll(fields, "tags", Read);

    /// <summary>A parameter: as a tag, but the length of its value is the store's business.</summary>
    public static KeyValue ReadParameter(Fields fields) => new(Key(fields), fields.TextOrNull("value") ?? "");

    public static List<KeyValue> ReadParameters(Fields fields) => ReadAll(fields, "params", ReadParameter);

    /// <summary>A key: letters, digits and the signs <c>_ - . : /</c> and space, and no path that leaves its place.</summary>
    public static string Key(Fields fields)
    {
        var key = fields.Text("key");
        if (key.Length > KeyLengthMax)
        {
            throw RegistryFault.Invalid($"A key of length {key.Length} exceeded length limit of {KeyLengthMax}.");
        }

        foreach (var c in key)
        {
            if (!char.IsLetterOrDigit(c) && !"_-.:/ ".Contains(c, StringComparison.Ordinal))
            {
                throw RegistryFault.WrongValue("key", key, "letters, digits, '_', '-', '.', ':', '/' and spaces");
            }
        }

        foreach (var part in key.Split('/'))
        {
            if (part is "" or "." or "..")
            {
                throw RegistryFault.WrongValue("key", key, "names divided by '/', none of them empty, '.' or '..'");
            }
        }

        return key;
    }

    private static List<KeyValue> ReadAll(Fields fields, string name, Func<Fields, KeyValue> read)
    {
        var list = new List<KeyValue>();
        foreach (var element in fields.Objects(name))
        {
            list.Add(read(element));
        }

        return list;
    }
}
