using System.Text.Json;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>Reads a document of definitions; every refusal has the place.</summary>
internal sealed class DefinitionReader
{
    private const int Format = 1;
    private const int DepthMax = 12;
    private const int ItemsMax = 10_000;
    private const int ColumnsMax = 1 << 14;

    private readonly Dictionary<string, Entity> _entities = new(StringComparer.Ordinal);
    private readonly Dictionary<string, EventSource> _sources = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FeatureView> _views = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FeatureService> _services = new(StringComparer.Ordinal);
    private readonly OnDemandView[] _code;

    private DefinitionReader(ReadOnlySpan<OnDemandView> code) => _code = code.ToArray();

    public static FeatureDefinitions Read(ReadOnlyMemory<byte> json, ReadOnlySpan<OnDemandView> code)
    {
        var root = new DefinitionNode(default, "$");
        if (json.Length > FeatureDefinitions.BytesMax)
        {
            throw root.Wrong($"{json.Length} bytes; expected {FeatureDefinitions.BytesMax} at most");
        }

        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = DepthMax, AllowDuplicateProperties = false });
            return new DefinitionReader(code).Read(root with { Element = document.RootElement });
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter of a text that is no Unicode, such as half of a surrogate pair.
            throw root.Wrong(e.Message, e);
        }
    }

    private FeatureDefinitions Read(DefinitionNode root)
    {
        root.Object("format", "entities", "sources", "views", "services");
        if (root.Int("format") != Format)
        {
            throw root.Get("format").Wrong($"{root.Get("format").Text}; expected {Format}");
        }

        All(root, "entities", _entities, static node => node.Make(() => new Entity(node.Object("name", "keys").String("name"), node.Strings("keys", ColumnsMax))));
        All(root, "sources", _sources, Source);
        All(root, "views", _views, View);
        All(root, "services", _services, Service);
        return root.Make(() => new FeatureDefinitions([.. _entities.Values], [.. _sources.Values], [.. _views.Values], [.. _services.Values]));
    }

    private static void All<T>(DefinitionNode root, string name, Dictionary<string, T> all, Func<DefinitionNode, T> read)
    {
        foreach (var node in root.Elements(name, ItemsMax))
        {
            var item = read(node);
            if (!all.TryAdd(node.String("name"), item))
            {
                throw node.Get("name").Wrong($"there are two of the name {node.Get("name").Text}");
            }
        }
    }

    private static EventSource Source(DefinitionNode node)
    {
        node.Object("name", "time", "created", "retracts", "columns");
        var columns = node.Elements("columns", ColumnsMax).Select(ColumnNode.Read).ToArray();
        return node.Make(() => new EventSource(node.String("name"), node.String("time"), columns) { CreatedColumn = node.StringOrNull("created"), RetractsColumn = node.StringOrNull("retracts") });
    }

    private FeatureView View(DefinitionNode node)
    {
        if (node.Element.ValueKind != JsonValueKind.Object)
        {
            throw node.Wrong($"expected an object, got {node.Text}");
        }

        return node.String("kind") switch
        {
            "latest" => Latest(node),
            "windowed" => Windowed(node),
            "onDemand" => OnDemand(node),
            _ => throw node.Get("kind").Wrong($"{node.Get("kind").Text} is no kind of view; expected latest, windowed or onDemand"),
        };
    }

    private LatestView Latest(DefinitionNode node)
    {
        node.Object("kind", "name", "entity", "source", "columns", "timeToLive", "owner", "description", "tags");
        var (entity, source) = (Find(node, "entity", _entities), Find(node, "source", _sources));
        return node.Make(() => new LatestView(node.String("name"), entity, source, node.Strings("columns", ColumnsMax), node.SpanOrNull("timeToLive"))
        {
            Owner = node.StringOrNull("owner"),
            Description = node.StringOrNull("description"),
            Tags = node.Strings("tags", ItemsMax),
        });
    }

    private WindowedView Windowed(DefinitionNode node)
    {
        node.Object("kind", "name", "entity", "source", "tile", "lateness", "aggregates", "retractableEventsMax", "sketchItemsMax", "owner", "description", "tags");
        var (entity, source) = (Find(node, "entity", _entities), Find(node, "source", _sources));
        var aggregates = node.Elements("aggregates", ColumnsMax).Select(AggregateNode.Read).ToArray();
        return node.Make(() => new WindowedView(node.String("name"), entity, source, node.Span("tile"), node.Span("lateness"), aggregates)
        {
            RetractableEventsMax = node.IntOrNull("retractableEventsMax") ?? 0,
            SketchItemsMax = node.IntOrNull("sketchItemsMax") ?? WindowedView.SketchItemsUsual,
            Owner = node.StringOrNull("owner"),
            Description = node.StringOrNull("description"),
            Tags = node.Strings("tags", ItemsMax),
        });
    }

    private OnDemandView OnDemand(DefinitionNode node)
    {
        node.Object("kind", "name", "version", "features", "inputs", "requested", "owner", "description", "tags");
        var stated = node.Make(() => OnDemandView.WithoutCode(
            node.String("name"), node.String("version"), node.Strings("features", ColumnsMax), node.Strings("inputs", ColumnsMax), node.Strings("requested", ColumnsMax),
            node.StringOrNull("owner"), node.StringOrNull("description"), node.Strings("tags", ItemsMax)));
        return Array.Find(_code, c => c.Name == stated.Name && c.Version == stated.Version) switch
        {
            null => stated,
            { } code when code.Canonical == stated.Canonical => code,
            { } code => throw node.Wrong($"the code of '{code.Name}' {code.Version} is another: {code.Canonical}, here {stated.Canonical}"),
        };
    }

    private FeatureService Service(DefinitionNode node)
    {
        node.Object("name", "version", "views");
        var views = node.Elements("views", ItemsMax).Select(v => Find(v, v.AsString(), _views)).ToArray();
        return node.Make(() => new FeatureService(node.String("name"), node.String("version"), views));
    }

    private static T Find<T>(DefinitionNode node, string property, Dictionary<string, T> all)
    {
        var named = node.Element.ValueKind == JsonValueKind.Object ? node.Get(property) : node;
        return all.TryGetValue(named.AsString(), out var found) ? found : throw named.Wrong($"{named.Text} is not there; there are {string.Join(", ", all.Keys)}");
    }
}
