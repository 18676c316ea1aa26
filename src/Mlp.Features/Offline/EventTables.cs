using Mlp.Core;

namespace Mlp.Features;

/// <summary>
/// Tables of sources' events for one question: their columns, and <c>_us</c>, when each became known. A source's list of files is
/// read once, and its files are held, so that the question sees one state of it, however many views ask and whatever is replaced meanwhile.
/// </summary>
internal sealed class EventTables(string store, Func<EventSource, SourceManifest?> manifestOf) : IDisposable
{
    private readonly Dictionary<EventSource, string> _tables = [];
    private readonly List<FileLease> _leases = [];

    /// <summary>A source's table, to be read from.</summary>
    /// <exception cref="MlpException"><see cref="FeatureErrors.QueryFailed"/>: nothing was appended.</exception>
    public string Of(EventSource source)
    {
        if (_tables.TryGetValue(source, out var table))
        {
            return table;
        }

        var files = SourceFolder.Hold(Path.Combine(store, source.Name), () => manifestOf(source), _leases);
        return files.Length == 0
            ? throw new MlpException(FeatureErrors.QueryFailed, $"The offline store in {store} holds no event of '{source.Name}'.")
            : _tables[source] = $"(SELECT *, epoch_us({SqlText.Name(source.TimeColumn)}) AS _us FROM read_parquet([{string.Join(", ", files.Select(SqlText.Literal))}]))";
    }

    public void Dispose()
    {
        foreach (var lease in _leases)
        {
            lease.Dispose();
        }
    }
}
