using Mlp.Core;

namespace Mlp.Features;

/// <summary>
/// Tables of sources' events for one question. A source's list of files is read once, and those of them that the question needs are held,
/// so that it sees one state of it, however many views ask and whatever is replaced meanwhile.
/// </summary>
internal sealed class EventTables(string store, Func<EventSource, SourceManifest?> manifestOf) : IDisposable
{
    private readonly Dictionary<EventSource, SourceFile[]> _files = [];
    private readonly List<FileLease> _leases = [];

    /// <summary>Holds the files that have events of a span; only the first call for a source does anything.</summary>
    /// <param name="source">The source.</param>
    /// <param name="from">Microseconds, inclusive.</param>
    /// <param name="until">Microseconds, exclusive.</param>
    /// <exception cref="MlpException"><see cref="FeatureErrors.QueryFailed"/>: nothing was appended.</exception>
    public void Hold(EventSource source, long from, long until) => Hold(source, f => f.First < until && f.Last >= from);

    /// <summary>Holds some of a source's files; only the first call for it does anything.</summary>
    public void Hold(EventSource source, Func<SourceFile, bool> isNeeded)
    {
        if (!_files.ContainsKey(source))
        {
            _files[source] = SourceFolder.Hold(FolderOf(source), Listed, isNeeded, _leases);
        }

        SourceManifest? Listed() => manifestOf(source) is { } manifest && manifest.Files.Any()
            ? manifest
            : throw new MlpException(FeatureErrors.QueryFailed, $"The offline store in {store} holds no event of '{source.Name}'.");
    }

    /// <summary>A source's files that are held; all of them where no span was.</summary>
    public IReadOnlyList<SourceFile> FilesOf(EventSource source)
    {
        Hold(source, long.MinValue, long.MaxValue);
        return _files[source];
    }

    /// <summary>A source's table, to be read from; of all its files where no span was held.</summary>
    public string Of(EventSource source) => TableOf(source, FilesOf(source));

    /// <summary>The table of some of its files.</summary>
    public string TableOf(EventSource source, IEnumerable<SourceFile> files) => SourceTable.Of(source, files.Select(f => (PathOf(source, f), f.Schema)));

    /// <summary>A source's folder.</summary>
    public string FolderOf(EventSource source) => Path.Combine(store, source.Name);

    /// <summary>Holds another file, if it is there.</summary>
    public bool TryHold(string path)
    {
        if (FileLease.TryShare(path) is not { } lease)
        {
            return false;
        }

        _leases.Add(lease);
        return true;
    }

    public void Dispose()
    {
        foreach (var lease in _leases)
        {
            lease.Dispose();
        }
    }

    private string PathOf(EventSource source, SourceFile file) => Path.Combine(FolderOf(source), file.Path);
}
