using System.Text.Encodings.Web;
using System.Text.Json;

namespace Mlp.Features;

/// <summary>Writes a document of definitions.</summary>
internal static class DefinitionWriter
{
    private const int Format = 1;

    public static byte[] Write(FeatureDefinitions definitions)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteNumber("format", Format);
            Array(json, "entities", definitions.Entities, Entity);
            Array(json, "sources", definitions.Sources, Source);
            Array(json, "views", definitions.Views, View);
            Array(json, "services", definitions.Services, Service);
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    private static void Array<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            write(json, item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Entity(Utf8JsonWriter json, Entity entity)
    {
        json.WriteString("name", entity.Name);
        Texts(json, "keys", entity.Keys);
    }

    private static void Source(Utf8JsonWriter json, EventSource source)
    {
        json.WriteString("name", source.Name);
        json.WriteString("time", source.TimeColumn);
        OrNothing(json, "created", source.CreatedColumn);
        OrNothing(json, "retracts", source.RetractsColumn);
        json.WriteStartArray("columns");
        foreach (var column in source.Columns)
        {
            ColumnNode.Write(json, column);
        }

        json.WriteEndArray();
    }

    private static void View(Utf8JsonWriter json, FeatureView view)
    {
        switch (view)
        {
            case LatestView latest:
                Stored(json, "latest", latest);
                Texts(json, "columns", latest.Features);
                OrNothing(json, "timeToLive", latest.TimeToLive?.ToString("c"));
                break;
            case WindowedView windowed:
                Stored(json, "windowed", windowed);
                json.WriteString("tile", windowed.Tile.ToString("c"));
                json.WriteString("lateness", windowed.Lateness.ToString("c"));
                Unless(json, "retractableEventsMax", windowed.RetractableEventsMax, 0);
                Unless(json, "sketchItemsMax", windowed.SketchItemsMax, WindowedView.SketchItemsUsual);
                json.WriteStartArray("aggregates");
                foreach (var aggregate in windowed.Aggregates)
                {
                    AggregateNode.Write(json, aggregate);
                }

                json.WriteEndArray();
                break;
            case OnDemandView onDemand:
                json.WriteString("kind", "onDemand");
                json.WriteString("name", onDemand.Name);
                json.WriteString("version", onDemand.Version);
                Texts(json, "features", onDemand.Features);
                Texts(json, "inputs", onDemand.Inputs);
                Texts(json, "requested", onDemand.Requested);
                break;
            default:
                throw new ArgumentException($"The view '{view.Name}' is of a kind that has no form in JSON.", nameof(view));
        }

        OrNothing(json, "owner", view.Owner);
        OrNothing(json, "description", view.Description);
        if (view.Tags.Count > 0)
        {
            Texts(json, "tags", [.. view.Tags]);
        }
    }

    private static void Stored(Utf8JsonWriter json, string kind, EntityView view)
    {
        json.WriteString("kind", kind);
        json.WriteString("name", view.Name);
        json.WriteString("entity", view.Entity.Name);
        json.WriteString("source", view.Source.Name);
    }

    private static void Service(Utf8JsonWriter json, FeatureService service)
    {
        json.WriteString("name", service.Name);
        json.WriteString("version", service.Version);
        Texts(json, "views", [.. service.Views.ToArray().Select(v => v.Name)]);
    }

    private static void Texts(Utf8JsonWriter json, string name, ReadOnlySpan<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private static void Unless(Utf8JsonWriter json, string name, int value, int usual)
    {
        if (value != usual)
        {
            json.WriteNumber(name, value);
        }
    }

    private static void OrNothing(Utf8JsonWriter json, string name, string? text)
    {
        if (text is not null)
        {
            json.WriteString(name, text);
        }
    }
}
