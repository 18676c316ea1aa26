using Mlp.Core;

namespace Mlp.Features;

/// <summary>
/// Entities, sources, views and services as one document: JSON for whoever has no compiler at hand, such as a command line. What is read gives the
/// same schemas and digests as the definitions in C# that were written. On-demand views are code: the document has their names and versions, and
/// what they read; the code is given where the document is read.
/// </summary>
public sealed class FeatureDefinitions
{
    /// <summary>Bytes that a document may have.</summary>
    public const int BytesMax = 4 << 20;

    private readonly Dictionary<string, EventSource> _sources = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Entity> _entities = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FeatureView> _views = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FeatureService> _services = new(StringComparer.Ordinal);

    /// <summary>Collects services and all that they stand on.</summary>
    /// <param name="services">Each with a name of its own; what they share has to be the same in all.</param>
    /// <exception cref="ArgumentException">Two different things have one name.</exception>
    public FeatureDefinitions(params ReadOnlySpan<FeatureService> services)
        : this([], [], [], services)
    {
    }

    /// <summary>Collects definitions and all that they stand on.</summary>
    /// <param name="entities">Entities.</param>
    /// <param name="sources">Sources.</param>
    /// <param name="views">Views.</param>
    /// <param name="services">Services.</param>
    /// <exception cref="ArgumentException">Two different things have one name.</exception>
    public FeatureDefinitions(ReadOnlySpan<Entity> entities, ReadOnlySpan<EventSource> sources, ReadOnlySpan<FeatureView> views, ReadOnlySpan<FeatureService> services)
    {
        foreach (var entity in entities)
        {
            Add(_entities, entity.Name, entity, static e => string.Join(',', e.Keys.ToArray()));
        }

        foreach (var source in sources)
        {
            Add(_sources, source.Name, source, SourceText);
        }

        foreach (var view in views)
        {
            AddView(view);
        }

        foreach (var service in services)
        {
            Add(_services, service.Name, service, static s => $"{s.Version} {s.Digest}");
            foreach (var view in service.Views)
            {
                AddView(view);
            }
        }
    }

    /// <summary>The entities, in the order in which they were given or first used.</summary>
    public IReadOnlyCollection<Entity> Entities => _entities.Values;

    /// <summary>The sources.</summary>
    public IReadOnlyCollection<EventSource> Sources => _sources.Values;

    /// <summary>The views.</summary>
    public IReadOnlyCollection<FeatureView> Views => _views.Values;

    /// <summary>The services.</summary>
    public IReadOnlyCollection<FeatureService> Services => _services.Values;

    /// <summary>Reads a document.</summary>
    /// <param name="json">UTF-8, at most <see cref="BytesMax"/> bytes.</param>
    /// <param name="code">On-demand views of the document, by name and version; one that is not here is read without its code, has its digest, and cannot be computed.</param>
    /// <exception cref="MlpException"><see cref="FeatureErrors.DefinitionInvalid"/>: it is no such document; the message has the place in it, such as <c>$.views[2].tile</c>.</exception>
    public static FeatureDefinitions Read(ReadOnlyMemory<byte> json, params ReadOnlySpan<OnDemandView> code) => DefinitionReader.Read(json, code);

    /// <summary>Writes a document.</summary>
    /// <returns>UTF-8.</returns>
    public byte[] Write() => DefinitionWriter.Write(this);

    /// <summary>The service of a name.</summary>
    /// <exception cref="ArgumentException">There is none; the message has those that are there.</exception>
    public FeatureService Service(string name) => _services.TryGetValue(name, out var service)
        ? service
        : throw new ArgumentException($"There is no service '{name}'; there are {string.Join(", ", _services.Keys)}.", nameof(name));

    private void AddView(FeatureView view)
    {
        Add(_views, view.Name, view, static v => $"{v.Canonical}|{v.Owner}|{v.Description}|{string.Join(',', v.Tags)}");
        if (view is EntityView stored)
        {
            Add(_entities, stored.Entity.Name, stored.Entity, static e => string.Join(',', e.Keys.ToArray()));
            Add(_sources, stored.Source.Name, stored.Source, SourceText);
        }
    }

    private static string SourceText(EventSource source) =>
        $"{source.TimeColumn}|{source.CreatedColumn}|{source.RetractsColumn}|{string.Join(", ", source.Columns.ToArray().Select(c => c.Canonical))}";

    private static void Add<T>(Dictionary<string, T> all, string name, T item, Func<T, string> text)
        where T : class
    {
        if (all.TryGetValue(name, out var there) && !ReferenceEquals(there, item) && text(there) != text(item))
        {
            throw new ArgumentException($"Two {typeof(T).Name}s have the name '{name}' and differ:\n{text(there)}\n{text(item)}", nameof(item));
        }

        all.TryAdd(name, item);
    }
}
