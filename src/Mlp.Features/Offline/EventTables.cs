using Mlp.Core;

namespace Mlp.Features;

/// <summary>
/// Tables of sources' events for one question. A source's list of files is read once, and those of them that the question needs are held,
/// so that it sees one state of it, however many views ask and whatever is replaced meanwhile.
/// </summary>
internal sealed class EventTables(string store, Func<EventSource, SourceManifest?> manifestOf) : IDisposable
{
    private readonly Dictionary<EventSource, string[]> _files = [];
    private readonly List<FileLease> _leases = [];

    /// <summary>Holds the files that have events of a span; only the first call for a source does anything.</summary>
    /// <param name="source">The source.</param>
    /// <param name="from">Microseconds, inclusive.</param>
    /// <param name="until">Microseconds, exclusive.</param>
    /// <exception cref="MlpException"><see cref="FeatureErrors.QueryFailed"/>: nothing was appended.</exception>
    public void Hold(EventSource source, long from, long until)
    {
        if (!_files.ContainsKey(source))
        {
            _files[source] = SourceFolder.Hold(Path.Combine(store, source.Name), Listed, f => f.First < until && f.Last >= from, _leases);
        }

        SourceManifest? Listed() => manifestOf(source) is { } manifest && manifest.Files.Any()
            ? manifest
            : throw new MlpException(FeatureErrors.QueryFailed, $"The offline store in {store} holds no event of '{source.Name}'.");
    }

    /// <summary>The paths of a source's files that are held.</summary>
    public IReadOnlyList<string> FilesOf(EventSource source)
    {
        Hold(source, long.MinValue, long.MaxValue);
        return _files[source];
    }

    /// <summary>A source's table, to be read from; of all its files where no span was held.</summary>
    public string Of(EventSource source) => SourceTable.Of(source, FilesOf(source));

    public void Dispose()
    {
        foreach (var lease in _leases)
        {
            lease.Dispose();
        }
    }
}
