using System.Runtime.CompilerServices;
using System.Text;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>
/// The history of every source as Parquet files below one folder, asked through DuckDB. Appends are seen whole or not at all;
/// any number of callers may read meanwhile.
/// </summary>
public sealed class OfflineStore
{
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(20);

    private readonly string _folder;
    private readonly OfflineStoreOptions _options;
    private readonly IdleEngine _engines;

    private OfflineStore(string folder, OfflineStoreOptions options)
    {
        _folder = folder;
        _options = options;
        _engines = new IdleEngine(options);
    }

    /// <summary>Opens a store, or makes one.</summary>
    /// <param name="folder">The store's own folder.</param>
    /// <param name="options">Limits of queries; null for the defaults.</param>
    /// <exception cref="MlpException"><see cref="FeatureErrors.StoreUnavailable"/>: the folder cannot be read or written, or something else has its place.</exception>
    public static OfflineStore Open(string folder, OfflineStoreOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new OfflineStoreOptions();
        options.Validate();
        try
        {
            folder = Directory.CreateDirectory(folder).FullName;
            ScratchFolder.RemoveLeft(folder);
            foreach (var source in Directory.EnumerateDirectories(folder).Where(f => Path.GetFileName(f) != ScratchFolder.ParentName))
            {
                SourceFolder.RemoveUnlisted(source, options.ListBytesMax);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unavailable(folder, e);
        }

        return new OfflineStore(folder, options);
    }

    /// <summary>Appends events to a source. A batch of the same name is replaced, so an append may be repeated.</summary>
    /// <param name="source">The source.</param>
    /// <param name="batch">A name for these events, such as a day or a file's digest: 1 to 128 letters, digits, dots, hyphens and underscores.</param>
    /// <param name="events">Rows with the source's columns, its time column included.</param>
    /// <param name="cancellationToken">Ends the query; nothing has changed then.</param>
    /// <returns>The number of events.</returns>
    /// <exception cref="MlpException">
    /// <see cref="FeatureErrors.QueryFailed"/>: the query is wrong; <see cref="FeatureErrors.EventInvalid"/>: a row lacks a value;
    /// <see cref="FeatureErrors.SchemaMismatch"/>: the source was appended to with columns that these cannot follow; <see cref="FeatureErrors.StoreUnavailable"/>: the source's
    /// folder cannot be written, or something else has its place; <see cref="FeatureErrors.StoreDamaged"/>: its list of batches cannot be read;
    /// <see cref="ErrorCodes.LimitReached"/>: the list would grow past <see cref="OfflineStoreOptions.ListBytesMax"/>, and nothing has changed;
    /// <see cref="FeatureErrors.StoreInUse"/>: another append to the source did not end within <see cref="OfflineStoreOptions.AppendWaitMax"/>.
    /// </exception>
    public long Append(EventSource source, string batch, OfflineQuery events, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(events);
        if (!PackagePath.IsName(batch))
        {
            throw new ArgumentException($"'{batch}' is no name of a batch: expected 1 to 128 letters, digits, '.', '-', '_'.", nameof(batch));
        }

        var folder = FolderOf(source);
        try
        {
            Directory.CreateDirectory(folder);
            using var held = InTurn(source, folder, cancellationToken);
            var manifest = ManifestOf(source);
            using var session = OpenSession();
            var written = BatchWriter.Write(session, source, events, _options, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            SourceFolder.Publish(folder, manifest, SourceSchema.Of(source), batch, written, _options.ListBytesMax);
            SourceFolder.RemoveUnlisted(folder, _options.ListBytesMax);
            TieIndex.RemoveStale(folder, ManifestOf(source)!);
            return written.Sum(f => f.Rows);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unavailable(folder, e);
        }
    }

    /// <summary>Takes rows from anywhere into a file of the store's folder, so that they can be appended or joined; memory stays bounded by <see cref="OfflineStoreOptions.MemoryBytesMax"/>.</summary>
    /// <param name="columns">What a row's values are, in order.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="cancellationToken">Ends it; nothing is left.</param>
    /// <exception cref="MlpException"><see cref="FeatureErrors.EventInvalid"/>: a value does not fit its column.</exception>
    public Task<StagedRows> StageAsync(IReadOnlyList<Column> columns, IAsyncEnumerable<FeatureValue[]> rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(rows);
        return StagedRows.MakeAsync(OpenSession(), [.. columns], rows, cancellationToken);
    }

    /// <summary>The digest of all that a source holds, for lineage; null where nothing was appended.</summary>
    public DataDigest? DigestOf(EventSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return ManifestOf(source) is { Batches.Count: > 0 } manifest
            ? new DataDigest(source.Name, ContentDigest.Of(Encoding.UTF8.GetBytes(string.Join('\n', manifest.Files.Select(f => f.Digest)))))
            : null;
    }

    /// <summary>Events that a source holds.</summary>
    public long RowsOf(EventSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return ManifestOf(source)?.Batches.Sum(b => b.Rows) ?? 0;
    }

    /// <summary>
    /// The point-in-time join: for each row the features as they were known at its time, to the bit what the online store gives
    /// then. Rows come in the order of time, keys and carried columns.
    /// </summary>
    /// <param name="service">What to bring.</param>
    /// <param name="entities">Keys, times and columns to carry along.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    /// <exception cref="MlpException">
    /// <see cref="FeatureErrors.QueryFailed"/>: the query is wrong, or a source holds nothing; <see cref="FeatureErrors.EntityInvalid"/>: a row has no time, or lacks a value that is carried along and not nullable;
    /// <see cref="FeatureErrors.SumOverflow"/>: a sum does not fit into 64 bits.
    /// </exception>
    public IEnumerable<FeatureBatch> Join(FeatureService service, EntityRows entities, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(service);
        ArgumentNullException.ThrowIfNull(entities);
        return Enumerate((session, events) => new PointInTimeJoin(service, entities).Run(session, events, _options.BatchRows, cancellationToken), cancellationToken);
    }

    /// <summary><see cref="Join"/>, each batch made off the caller's thread when it is asked for.</summary>
    /// <param name="service">What to bring.</param>
    /// <param name="entities">Keys, times and columns to carry along.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public async IAsyncEnumerable<FeatureBatch> JoinAsync(FeatureService service, EntityRows entities, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var batches = Join(service, entities, cancellationToken).GetEnumerator();
        while (await Task.Run(batches.MoveNext, cancellationToken).ConfigureAwait(false))
        {
            yield return batches.Current;
        }
    }

    /// <summary>
    /// <see cref="Join"/> into a Parquet file: the time, what is carried along, and each feature with its own type as <c>view.feature</c>, a missing
    /// one null. The file appears whole or not at all; one that is there is replaced.
    /// </summary>
    /// <param name="service">What to bring.</param>
    /// <param name="entities">Keys, times and columns to carry along.</param>
    /// <param name="path">Of the file.</param>
    /// <param name="cancellationToken">Ends the query; nothing is left.</param>
    /// <returns>The number of rows.</returns>
    /// <exception cref="MlpException">As of <see cref="Join"/>; <see cref="FeatureErrors.StoreUnavailable"/>: the file cannot be written.</exception>
    public long JoinToParquet(FeatureService service, EntityRows entities, string path, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(service);
        ArgumentNullException.ThrowIfNull(entities);
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var events = OpenEvents();
        using var session = OpenSession();
        var select = new PointInTimeJoin(service, entities).Statement(session, events, _options.BatchRows, cancellationToken);
        return ResultFile.Write(session, select, path, cancellationToken);
    }

    /// <summary>A source's events of a span in the order in which they became known, for a replay; their columns are carried along, there are no features.</summary>
    /// <param name="source">The source.</param>
    /// <param name="from">Inclusive, UTC.</param>
    /// <param name="until">Exclusive, UTC.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    /// <exception cref="MlpException"><see cref="FeatureErrors.QueryFailed"/>: the source holds nothing.</exception>
    public IEnumerable<FeatureBatch> Replay(EventSource source, DateTime from, DateTime until, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var (first, last) = (FeatureTime.Micros(from), FeatureTime.Micros(until));
        return Enumerate((session, events) =>
        {
            events.Hold(source, first, last);
            return Replay(session, events, source, FormattableString.Invariant($" WHERE _us >= {first} AND _us < {last}"), cancellationToken);
        }, cancellationToken);
    }

    /// <summary>Names of a source's batches.</summary>
    internal IReadOnlyList<string> BatchesOf(EventSource source) => [.. (ManifestOf(source)?.Batches ?? []).Select(b => b.Batch)];

    /// <summary>The events of some batches, in the order in which they became known.</summary>
    internal IEnumerable<FeatureBatch> ReplayBatches(EventSource source, IReadOnlySet<string> batches, CancellationToken cancellationToken)
    {
        var files = (ManifestOf(source)?.Batches ?? []).Where(b => batches.Contains(b.Batch)).SelectMany(b => b.Files).Select(f => f.Path).ToHashSet(StringComparer.Ordinal);
        return files.Count == 0 ? [] : Enumerate((session, events) =>
        {
            events.Hold(source, f => files.Contains(f.Path));
            return Replay(session, events, source, "", cancellationToken);
        }, cancellationToken);
    }

    /// <summary>A session in which a source's events can be asked for, for materialisation.</summary>
    internal DuckSession OpenSession() => new(_folder, _engines);

    /// <summary>The events that a question asks for; they are held until it has ended.</summary>
    internal EventTables OpenEvents() => new(_folder, ManifestOf);

    private IEnumerable<FeatureBatch> Replay(DuckSession session, EventTables events, EventSource source, string where, CancellationToken cancellationToken)
    {
        var columns = source.Columns.ToArray();
        var values = columns.Select(c => ColumnSql.Read(c, SqlText.Name(c.Name))).Prepend("_us");
        var order = SqlText.Names(columns.Select(c => c.Name).Prepend("_us"));
        return new BatchReader(columns, [], _options.BatchRows).Read(session.Chunks($"SELECT {string.Join(", ", values)} FROM {events.Of(source)}{where} ORDER BY {order}", cancellationToken));
    }

    private IEnumerable<FeatureBatch> Enumerate(Func<DuckSession, EventTables, IEnumerable<FeatureBatch>> run, CancellationToken cancellationToken)
    {
        using var events = OpenEvents();
        using var session = OpenSession();
        foreach (var batch in run(session, events))
        {
            yield return batch;
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private SourceManifest? ManifestOf(EventSource source)
    {
        var manifest = SourceManifest.Read(FolderOf(source), _options.ListBytesMax);
        foreach (var schema in manifest?.Schemas ?? [])
        {
            schema.Require(_folder, source);
        }

        return manifest;
    }

    // Appends to a source take turns, in this process and with others.
    private StoreLock InTurn(EventSource source, string folder, CancellationToken cancellationToken)
    {
        for (var began = TimeProvider.System.GetTimestamp(); ;)
        {
            try
            {
                return StoreLock.Take(folder);
            }
            catch (MlpException e) when (e.Code == FeatureErrors.StoreInUse)
            {
                if (TimeProvider.System.GetElapsedTime(began) >= _options.AppendWaitMax)
                {
                    throw new MlpException(FeatureErrors.StoreInUse, $"Another append to '{source.Name}' has not ended within {nameof(OfflineStoreOptions.AppendWaitMax)}, {_options.AppendWaitMax}; nothing was appended. Try again, or raise that. ({e.Message})", e);
                }

                cancellationToken.WaitHandle.WaitOne(AskAgainAfter);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    private static MlpException Unavailable(string folder, Exception cause) =>
        new(FeatureErrors.StoreUnavailable, $"The offline store's folder {folder} cannot be read or written: {cause.Message}", cause);

    private string FolderOf(EventSource source) => Path.Combine(_folder, source.Name);
}
