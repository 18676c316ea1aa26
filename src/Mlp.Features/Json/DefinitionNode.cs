using System.Globalization;
using System.Text.Json;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>A value of the document and its place in it.</summary>
internal readonly record struct DefinitionNode(JsonElement Element, string Path)
{
    public MlpException Wrong(string message, Exception? cause = null) => new(FeatureErrors.DefinitionInvalid, $"{Path}: {message}", cause);

    /// <summary>Refuses all but an object with some properties.</summary>
    public DefinitionNode Object(params ReadOnlySpan<string> allowed)
    {
        if (Element.ValueKind != JsonValueKind.Object)
        {
            throw Wrong($"expected an object, got {Text}");
        }

        foreach (var property in Element.EnumerateObject())
        {
            if (!allowed.Contains(property.Name))
            {
                throw Wrong($"'{property.Name}' is unknown; expected {string.Join(", ", allowed.ToArray())}");
            }
        }

        return this;
    }

    public DefinitionNode? Find(string name) =>
        Element.TryGetProperty(name, out var found) && found.ValueKind != JsonValueKind.Null ? new DefinitionNode(found, $"{Path}.{name}") : null;

    public DefinitionNode Get(string name) => Find(name) ?? throw Wrong($"'{name}' is missing");

    public string String(string name) => Get(name).AsString();

    public string? StringOrNull(string name) => Find(name)?.AsString();

    public string AsString() => Element.ValueKind == JsonValueKind.String ? Element.GetString()! : throw Wrong($"expected a text, got {Text}");

    public bool Truth(string name) => Find(name) is { } found && (found.Element.ValueKind is JsonValueKind.True or JsonValueKind.False ? found.Element.GetBoolean() : throw found.Wrong($"expected true or false, got {found.Text}"));

    public TimeSpan Span(string name) => Get(name).AsSpan();

    public TimeSpan? SpanOrNull(string name) => Find(name)?.AsSpan();

    public long Integer(string name)
    {
        var found = Get(name);
        return found.Element.ValueKind == JsonValueKind.Number && found.Element.TryGetInt64(out var value) ? value : throw found.Wrong($"expected an integer, got {found.Text}");
    }

    public int Int(string name) => Integer(name) is var value and >= int.MinValue and <= int.MaxValue ? (int)value : throw Get(name).Wrong($"expected an integer of 32 bits, got {Get(name).Text}");

    public int? IntOrNull(string name) => Find(name) is null ? null : Int(name);

    public double? NumberOrNull(string name) => Find(name) is not { } found ? null
        : found.Element.ValueKind == JsonValueKind.Number && found.Element.TryGetDouble(out var value) && double.IsFinite(value) ? value
        : throw found.Wrong($"expected a number, got {found.Text}");

    public double Number(string name) => NumberOrNull(name) ?? throw Wrong($"'{name}' is missing");

    /// <summary>The elements of an array; none where it is not there.</summary>
    /// <param name="name">The property.</param>
    /// <param name="most">Elements that it may have.</param>
    public IEnumerable<DefinitionNode> Elements(string name, int most)
    {
        if (Find(name) is not { } found)
        {
            return [];
        }

        if (found.Element.ValueKind != JsonValueKind.Array)
        {
            throw found.Wrong($"expected an array, got {found.Text}");
        }

        return found.Element.GetArrayLength() <= most
            ? found.Element.EnumerateArray().Select((element, i) => new DefinitionNode(element, FormattableString.Invariant($"{found.Path}[{i}]")))
            : throw found.Wrong($"has {found.Element.GetArrayLength()} elements; expected {most} at most");
    }

    public string[] Strings(string name, int most) => [.. Elements(name, most).Select(e => e.AsString())];

    /// <summary>Makes something, whose own refusal then has the place.</summary>
    public T Make<T>(Func<T> make)
    {
        try
        {
            return make();
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException)
        {
            throw Wrong(e.Message, e);
        }
    }

    public string Text => Element.GetRawText() is { Length: > 60 } raw ? $"{raw[..60]}…" : Element.GetRawText();

    private TimeSpan AsSpan() => TimeSpan.TryParseExact(AsString(), "c", CultureInfo.InvariantCulture, out var span)
        ? span
        : throw Wrong($"expected a span of time such as '01:00:00' or '7.00:00:00' with days first, got {Text}");
}
