using Mlp.Core;

namespace Mlp.Features;

/// <summary>
/// The newest values of every entity, in one folder and one process: a hash index over a log that keeps its newest part in memory
/// and the rest on disk (Microsoft FASTER). Any number of readers read while events are pushed, by one caller at a time, and rows are put, by as many as there are
/// <see cref="FeatureWriter"/>s.
/// </summary>
public sealed partial class OnlineStore : IDisposable
{
    private readonly string _folder;
    private readonly string _schema;
    private readonly OnlineStoreOptions _options;
    private readonly StoreLock _lock;
    private readonly ViewPlan[] _plans;
    private readonly StoreEngine _engine;
    private readonly OpenReaders _readers;
    private readonly OpenWriters _writers;
    private readonly StoreLife _life;
    private readonly Lock _writing = new();
    private readonly SemaphoreSlim _checkpointing = new(1, 1);
    private long _newestMicros = long.MinValue;
    private long _completeUntilMicros = long.MinValue;
    private CheckpointSeal? _seal;
    private int _filled;
    private int _scans;
    private bool _closed;

    private OnlineStore(string folder, string schema, OnlineStoreOptions options, StoreLock held, ViewPlan[] plans, StoreManifest? manifest)
    {
        _folder = folder;
        _schema = schema;
        _options = options;
        _lock = held;
        _plans = plans;
        _life = new StoreLife(folder, this);
        _readers = new OpenReaders(options.ReadersMax);
        _writers = new OpenWriters(_writing, options.WritersMax);

        // Before the engine looks at them: it takes damaged files for what they say.
        _seal = manifest?.Seal.Verify(folder, manifest.Checkpoint, BlocksOf(folder, options));
        _engine = OpenEngine(folder, options, manifest, _life);
        if (manifest is not null)
        {
            _completeUntilMicros = manifest.CompleteUntilMicros;
            _newestMicros = manifest.NewestMicros;
            _streams = manifest.Streams;
            _hasCheckpoint = true;
        }

        _filled = manifest is null || manifest.CompleteUntilMicros == long.MinValue ? plans.Length : manifest.Filled;
    }

    /// <summary>All events known before this time are in the last checkpoint; null for a store without one.</summary>
    public DateTime? CompleteUntil => Volatile.Read(ref _completeUntilMicros) is var micros && micros != long.MinValue ? FeatureTime.FromMicros(micros) : null;

    /// <summary>Bytes of the log, in memory and on disk.</summary>
    public long LogBytes => _engine.LogBytes;

    /// <summary>Records, counting older versions of one that an update had to move.</summary>
    public long RecordCount
    {
        get
        {
            _life.Require();
            return _engine.RecordCount;
        }
    }

    /// <summary>Events that came later than their view allows and were not counted.</summary>
    public long TooLateCount => _engine.Events.TooLate;

    internal IEnumerable<ViewPlan> Plans => _plans;

    /// <summary>Views that were added to the store behind <see cref="CompleteUntil"/>: what is known of before it has still to be loaded into them.</summary>
    internal bool IsAdded(ViewPlan plan) => plan.Id >= _filled;

    /// <summary>Whether readers and writers that are made from now on ask for memory in advance.</summary>
    internal bool Prefetches
    {
        get => _engine.Prefetch is not null;
        set => _engine.SetPrefetch(value);
    }

    internal long IndexBytes => _engine.IndexBytes;

    /// <summary>Opens a store, or makes one.</summary>
    /// <param name="folder">The store's own folder.</param>
    /// <param name="options">Sizes; null for the defaults.</param>
    /// <param name="views">What it holds, in any order. Those of the folder have to be among them, with columns that its rows can follow; others are added, and begin empty.</param>
    /// <exception cref="MlpException">
    /// <see cref="FeatureErrors.RecordTooLarge"/>, <see cref="FeatureErrors.SchemaMismatch"/>, <see cref="FeatureErrors.LayoutMismatch"/>,
    /// <see cref="FeatureErrors.StoreInUse"/>, <see cref="FeatureErrors.StoreUnavailable"/> or <see cref="FeatureErrors.StoreDamaged"/>.
    /// </exception>
    public static OnlineStore Open(string folder, OnlineStoreOptions? options, params ReadOnlySpan<EntityView> views)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new OnlineStoreOptions();
        options.Validate();
        if (views.Length == 0)
        {
            throw new ArgumentException("A store needs a view.", nameof(views));
        }

        var held = views.ToArray();
        RequirePagesFor([.. held.Select(ViewPlan.Of)], options);
        try
        {
            Directory.CreateDirectory(folder);
            return OpenLocked(folder, options, held, StoreLock.Take(folder));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MlpException(FeatureErrors.StoreUnavailable, $"The store in {folder} cannot be opened: {e.Message}", e);
        }
    }

    /// <summary>Opens a store for a service's views.</summary>
    public static OnlineStore Open(string folder, FeatureService service, OnlineStoreOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(service);
        return Open(folder, options, [.. service.Views.ToArray().OfType<EntityView>()]);
    }

    /// <summary>Makes a reader for one thread.</summary>
    /// <exception cref="MlpException"><see cref="FeatureErrors.SchemaMismatch"/>: the service has a view that this store does not hold; <see cref="ErrorCodes.LimitReached"/>: too many readers are open.</exception>
    public FeatureReader CreateReader(FeatureService service)
    {
        ArgumentNullException.ThrowIfNull(service);
        var steps = ReaderSteps.Of(service, Plan);
        return _readers.Open(_life, () => new FeatureReader(service, steps, _engine, _life, _readers.Close));
    }

    /// <summary>Makes a pool of readers for callers on any thread.</summary>
    public FeatureReaderPool CreateReaderPool(FeatureService service)
    {
        _ = ReaderSteps.Of(service, Plan);
        return new FeatureReaderPool(() => CreateReader(service));
    }

    /// <summary>Makes a writer for one thread. Several write beside each other; <see cref="Put"/> and <see cref="Push(EventSource, DateTime, ReadOnlySpan{FeatureValue})"/> take turns.</summary>
    /// <exception cref="MlpException"><see cref="ErrorCodes.LimitReached"/>: too many writers are open.</exception>
    public FeatureWriter CreateWriter() => _writers.Open(_life, () => new FeatureWriter(_engine, _life, _writers, Plan, RequireWritable, _journal, _options));

    /// <summary>
    /// Closes the store, after the reads, pushes and checkpoints under way have ended; later ones are refused. What was written after the last
    /// checkpoint is not kept.
    /// </summary>
    /// <remarks>With <see cref="StoreDurability.Journal"/> it ends with a commit: all is kept.</remarks>
    /// <exception cref="MlpException"><see cref="FeatureErrors.StoreUnavailable"/>: the journal's last commit failed, and the store is closed without it; <see cref="FeatureErrors.StoreBusy"/>: they did not end within <see cref="OnlineStoreOptions.CloseWaitMax"/>. The store stays shut and may be disposed again.</exception>
    public void Dispose()
    {
        _life.End();
        _checkpointsEnd.Cancel();
        var deadline = new Deadline(_options.CloseWaitMax);
        if (!_checkpointing.Wait(deadline.Left))
        {
            throw Busy("a checkpoint");
        }

        try
        {
            if (!_readers.Drain(deadline))
            {
                throw Busy("a read");
            }

            if (!_writers.TryBeAlone(deadline))
            {
                throw Busy("a push or a materialisation");
            }

            try
            {
                Close();
            }
            finally
            {
                _writers.End();
            }
        }
        finally
        {
            _checkpointing.Release();
        }
    }

    private static OnlineStore OpenLocked(string folder, OnlineStoreOptions options, EntityView[] views, StoreLock held)
    {
        try
        {
            var manifest = StoreManifest.Read(folder);
            var plans = ViewNumbers.Of(views, manifest, JournalHeader.Read(new JournalLayout(folder, options.JournalPageBytes)));
            var schema = string.Join('\n', plans.Select(p => p.View.Canonical));
            var migrations = manifest?.Require(folder, plans, options);
            if (OlderJournal.Of(folder, options, manifest, plans) is { } older)
            {
                RepeatOlder(folder, options, older, held);
                held = StoreLock.Take(folder);
                manifest = StoreManifest.Read(folder);
                migrations = manifest?.Require(folder, plans, options);
            }

            if (manifest is null)
            {
                // Without a manifest there is no whole state: what a killed process left of a log is of no use.
                DeleteIfThere(Path.Combine(folder, "log"));
                DeleteIfThere(Path.Combine(folder, "checkpoints"));
            }

            return Begin(Migrated(new OnlineStore(folder, schema, options, held, plans, manifest), migrations), manifest);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    // What was acknowledged comes into a checkpoint of the definitions that it was written for; its rows then follow as those of any checkpoint do.
    private static void RepeatOlder(string folder, OnlineStoreOptions options, ViewPlan[] older, StoreLock held)
    {
        using var store = OpenLocked(folder, options, Array.ConvertAll(older, p => p.View), held);
        store.SaveAsync(null, null, CancellationToken.None).GetAwaiter().GetResult();
    }

    private static OnlineStore Begin(OnlineStore store, StoreManifest? manifest)
    {
        try
        {
            store.OpenJournal(manifest);
            store.BeginCheckpoints();
            return store;
        }
        catch
        {
            store._engine.Dispose();
            throw;
        }
    }

    // The folder stays as it is until the next checkpoint: a process that is killed before finds the older rows, and turns them once more.
    private static OnlineStore Migrated(OnlineStore store, ViewMigration?[]? migrations)
    {
        if (migrations is not null)
        {
            try
            {
                store._engine.StopChangingInPlace();
                store.Compact(migrations, CancellationToken.None);
            }
            catch
            {
                store._engine.Dispose();
                throw;
            }
        }

        return store;
    }

    // FASTER meets damaged files with whatever exception its parsing runs into; only the disk's own and memory's are something else.
    private static StoreEngine OpenEngine(string folder, OnlineStoreOptions options, StoreManifest? manifest, StoreLife life)
    {
        try
        {
            return new StoreEngine(folder, options, manifest?.Checkpoint, error => life.Fault(new IOException($"the log cannot be written: {LogDevice.ReasonOf(error)}")));
        }
        catch (Exception e) when (manifest is not null && e is not (OutOfMemoryException or UnauthorizedAccessException))
        {
            throw new MlpException(FeatureErrors.StoreDamaged, $"The store in {folder} cannot be recovered ({e.Message}): remove the folder and materialise again.", e);
        }
    }

    private static LogBlocks BlocksOf(string folder, OnlineStoreOptions options) => new(folder, options.PageBytes, options.SegmentBytes);

    // A record grows while events come; that it will not fit has to be known before the first.
    private static void RequirePagesFor(ViewPlan[] plans, OnlineStoreOptions options)
    {
        foreach (var plan in plans)
        {
            if (RecordLengths.LargestOf(plan, options.RowBytesMax) is var bytes && bytes > options.PageBytes)
            {
                throw new MlpException(FeatureErrors.RecordTooLarge, $"A record of the view '{plan.View.Name}' grows to {bytes} bytes, and a page has {options.PageBytes}: raise {nameof(OnlineStoreOptions.PageBytes)}, or {(plan.Window is not null ? $"give the view coarser tiles{(plan.Window.Sketches.Length > 0 ? $", a lower {nameof(WindowedView.SketchItemsMax)}" : "")} or shorter windows" : $"lower {nameof(OnlineStoreOptions.RowBytesMax)}, {options.RowBytesMax}")}.");
            }
        }
    }

    private static void DeleteIfThere(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private ViewPlan Plan(EntityView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        foreach (var plan in _plans)
        {
            if (ReferenceEquals(plan.View, view))
            {
                return plan;
            }
        }

        foreach (var plan in _plans)
        {
            if (plan.View.Canonical == view.Canonical)
            {
                return plan;
            }
        }

        throw new MlpException(FeatureErrors.SchemaMismatch, $"The store in {_folder} does not hold the view '{view.Name}' as it is defined here; it holds {string.Join(", ", _plans.Select(p => p.View.Name))}.");
    }

    private void Close()
    {
        if (_closed)
        {
            return;
        }

        _closed = true;
        _readers.CloseAll();
        _writers.CloseAll();
        try
        {
            _journal?.Dispose();
        }
        finally
        {
            _engine.Dispose();
            _lock.Dispose();
        }
    }

    private MlpException Busy(string what) =>
        new(FeatureErrors.StoreBusy, $"The store in {_folder} cannot be closed: {what} did not end within {nameof(OnlineStoreOptions.CloseWaitMax)}, {_options.CloseWaitMax}. Dispose it again once it has.");
}
