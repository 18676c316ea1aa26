using Mlp.Core;

namespace Mlp.Features;

/// <summary>What a source's files have: the columns of the definition that they were appended under.</summary>
internal sealed class SourceSchema : IEquatable<SourceSchema>
{
    private const string Time = ": time";
    private const string Separator = ", ";
    private const string Created = "created: ";

    private readonly Column[] _columns;

    private SourceSchema(string timeColumn, Column[] columns)
    {
        TimeColumn = timeColumn;
        _columns = columns;
        Canonical = string.Join(Separator, columns.Select(c => c.Canonical).Prepend(timeColumn + Time));
    }

    /// <summary>When an event became known.</summary>
    public string TimeColumn { get; }

    /// <summary>The other columns.</summary>
    public ReadOnlySpan<Column> Columns => _columns;

    /// <summary>The time column and the others, as one line.</summary>
    public string Canonical { get; }

    /// <summary>What files get that are appended under a definition.</summary>
    public static SourceSchema Of(EventSource source) => new(source.TimeColumn, source.Columns.ToArray());

    /// <summary>Reads what <see cref="Canonical"/> is.</summary>
    /// <exception cref="FormatException">It is no such text.</exception>
    public static SourceSchema Parse(string canonical)
    {
        var end = canonical.IndexOf(Separator, StringComparison.Ordinal);
        var time = end < 0 ? canonical : canonical[..end];
        if (!time.EndsWith(Time, StringComparison.Ordinal))
        {
            throw new FormatException($"'{canonical}' does not begin with a time column");
        }

        return new SourceSchema(time[..^Time.Length], end < 0 ? [] : CanonicalText.Columns(canonical[(end + Separator.Length)..]));
    }

    /// <summary>Reads what older lists have: behind the columns it may be said which of them is the moment of creation.</summary>
    /// <exception cref="FormatException">It is no such text.</exception>
    public static SourceSchema ParseOlder(string text)
    {
        var last = text.LastIndexOf(Separator + Created, StringComparison.Ordinal);
        if (last < 0)
        {
            return Parse(text);
        }

        // A column may be called so as well; then what follows is a type, and no column of moments.
        var name = text[(last + Separator.Length + Created.Length)..];
        return text[..last].Contains($"{Separator}{name}: timestamp", StringComparison.Ordinal) ? Parse(text[..last]) : Parse(text);
    }

    /// <summary>Refuses a definition that these files cannot be read with. Columns go by name; what says which of them is the moment of creation or of a retraction is the reader's.</summary>
    /// <param name="store">The store's folder, for messages.</param>
    /// <param name="source">The definition.</param>
    /// <exception cref="MlpException"><see cref="FeatureErrors.SchemaMismatch"/>: the message has what became of each column.</exception>
    public void Require(string store, EventSource source)
    {
        var change = SchemaComparison.Of(_columns, source.Columns, keepsRemoved: true);
        var time = TimeColumn == source.TimeColumn ? "" : $"~ {TimeColumn}{Time} -> {source.TimeColumn}{Time} (when an event became known keeps its name)\n";
        if (time.Length > 0 || change.Compatibility == SchemaCompatibility.Incompatible)
        {
            throw new MlpException(FeatureErrors.SchemaMismatch, $"The offline store in {store} has files of '{source.Name}' that cannot be read with the columns defined here:\n{time}{change}");
        }
    }

    public bool Equals(SourceSchema? other) => other is not null && Canonical == other.Canonical;

    public override bool Equals(object? obj) => Equals(obj as SourceSchema);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Canonical);
}
