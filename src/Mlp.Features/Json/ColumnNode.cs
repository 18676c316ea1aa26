using System.Globalization;
using System.Text.Json;

namespace Mlp.Features;

/// <summary>Columns in the document, with their defaults.</summary>
internal static class ColumnNode
{
    private const int CategoriesMax = 1 << 16;
    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    public static Column Read(DefinitionNode node)
    {
        node.Object("name", "type", "nullable", "categories", "default");
        var (name, text, categories) = (node.String("name"), node.String("type"), node.Strings("categories", CategoriesMax));
        var type = node.Get("type").Make(() => ColumnType.Parse(text));
        if (type.Kind != ColumnKind.Category && categories.Length > 0)
        {
            throw node.Get("categories").Wrong($"a column of {type} has none");
        }

        var column = node.Make(() => (type.Kind == ColumnKind.Category ? Column.Category(name, categories) : new Column(name, type)) with { IsNullable = node.Truth("nullable") });
        return node.Find("default") is { } given ? given.Make(() => column with { Default = Value(given, type) }) : column;
    }

    public static void Write(Utf8JsonWriter json, Column column)
    {
        json.WriteStartObject();
        json.WriteString("name", column.Name);
        json.WriteString("type", column.Type.ToString());
        if (column.IsNullable)
        {
            json.WriteBoolean("nullable", true);
        }

        if (column.Categories.Length > 0)
        {
            json.WriteStartArray("categories");
            foreach (var category in column.Categories)
            {
                json.WriteStringValue(category);
            }

            json.WriteEndArray();
        }

        if (column.Default is { } value)
        {
            json.WritePropertyName("default");
            Write(json, value);
        }

        json.WriteEndObject();
    }

    private static FeatureValue Value(DefinitionNode node, ColumnType type)
    {
        if (type.IsScalar)
        {
            return Scalar(node, type.Kind);
        }

        return node.Element.ValueKind == JsonValueKind.Array
            ? FeatureValue.Of(ElementArray.Of(type.Kind, [.. node.Element.EnumerateArray().Select((e, i) => Scalar(new DefinitionNode(e, $"{node.Path}[{i}]"), type.Kind))]))
            : throw node.Wrong($"expected an array for a column of {type}, got {node.Text}");
    }

    private static FeatureValue Scalar(DefinitionNode node, ColumnKind kind)
    {
        var element = node.Element;
        FeatureValue? value = (kind, element.ValueKind) switch
        {
            (ColumnKind.Bool, JsonValueKind.True or JsonValueKind.False) => element.GetBoolean(),
            ( >= ColumnKind.Int8 and <= ColumnKind.UInt64, JsonValueKind.Number) => Integer(element),
            (ColumnKind.Half or ColumnKind.Float or ColumnKind.Double, JsonValueKind.Number) => element.GetRawText() is "-0" ? -0.0 : Integer(element) ?? element.GetDouble(),
            (ColumnKind.Half or ColumnKind.Float or ColumnKind.Double, JsonValueKind.String) => Unwritable(element.GetString()!),
            (ColumnKind.Text or ColumnKind.Category, JsonValueKind.String) => element.GetString(),
            (ColumnKind.Timestamp, JsonValueKind.String) => DateTime.TryParseExact(element.GetString(), TimeForm, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null,
            (ColumnKind.Guid, JsonValueKind.String) => Guid.TryParseExact(element.GetString(), "D", out var guid) ? guid : null,
            _ => null,
        };
        return value ?? throw node.Wrong($"expected {kind.ToString().ToLowerInvariant()}{(kind == ColumnKind.Timestamp ? $" such as '2001-12-31T23:59:59.000000Z'" : "")}, got {node.Text}");
    }

    private static FeatureValue? Integer(JsonElement element) => element.TryGetInt64(out var integer) ? integer : element.TryGetUInt64(out var large) ? large : null;

    // JSON has no number for these.
    private static FeatureValue? Unwritable(string text) => text switch
    {
        "NaN" => double.NaN,
        "Infinity" => double.PositiveInfinity,
        "-Infinity" => double.NegativeInfinity,
        _ => null,
    };

    private static void Write(Utf8JsonWriter json, in FeatureValue value)
    {
        if (value.Elements is not { } elements)
        {
            Scalar(json, value);
            return;
        }

        json.WriteStartArray();
        foreach (var element in elements)
        {
            Element(json, element);
        }

        json.WriteEndArray();
    }

    private static void Scalar(Utf8JsonWriter json, in FeatureValue value)
    {
        switch (value.Type.Kind)
        {
            case ColumnKind.Bool: json.WriteBooleanValue(value.Integer != 0); break;
            case ColumnKind.UInt64: json.WriteNumberValue((ulong)value.Integer); break;
            case ColumnKind.Double: Number(json, value.Number); break;
            case ColumnKind.Text: json.WriteStringValue(value.Text); break;
            case ColumnKind.Timestamp: json.WriteStringValue(value.Time.ToString(TimeForm, CultureInfo.InvariantCulture)); break;
            case ColumnKind.Guid: json.WriteStringValue(value.Guid); break;
            default: json.WriteNumberValue(value.Integer); break;
        }
    }

    private static void Element(Utf8JsonWriter json, object element)
    {
        switch (element)
        {
            case float e when float.IsFinite(e): json.WriteNumberValue(e); break;
            case float e: Scalar(json, (double)e); break;
            case Half e: Scalar(json, (double)e); break;
            case double e: Scalar(json, e); break;
            case string e: Scalar(json, e); break;
            case bool e: Scalar(json, e); break;
            case DateTime e: Scalar(json, e); break;
            case Guid e: Scalar(json, e); break;
            case ulong e: Scalar(json, e); break;
            default: Scalar(json, Convert.ToInt64(element, CultureInfo.InvariantCulture)); break;
        }
    }

    private static void Number(Utf8JsonWriter json, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumberValue(value);
        }
        else
        {
            json.WriteStringValue(value.ToString("R", CultureInfo.InvariantCulture));
        }
    }
}
