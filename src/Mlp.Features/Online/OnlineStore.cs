using FASTER.core;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>
/// The newest values of every entity, in one folder and one process: a hash index over a log that keeps its newest part in memory
/// and the rest on disk (Microsoft FASTER). Any number of readers read while one caller at a time writes.
/// </summary>
public sealed class OnlineStore : IDisposable
{
    private readonly string _folder;
    private readonly string _schema;
    private readonly OnlineStoreOptions _options;
    private readonly StoreLock _lock;
    private readonly ViewPlan[] _plans;
    private readonly IDevice _device;
    private readonly FasterKV<StoreKey, SpanByte> _store;
    private readonly StoreEvents _events = new();
    private readonly ClientSession<StoreKey, SpanByte, StoreInput, StoreOutcome, Empty, StoreFunctions> _writer;
    private readonly Lock _writing = new();
    private long _newestMicros = long.MinValue;
    private int _readers;
    private readonly StoreLife _life = new();
    private bool _faulted;

    private OnlineStore(string folder, string schema, OnlineStoreOptions options, StoreLock held, ViewPlan[] plans, StoreManifest? manifest)
    {
        _folder = folder;
        _schema = schema;
        _options = options;
        _lock = held;
        _plans = plans;
        _device = Devices.CreateLogDevice(Path.Combine(folder, "log", "features.log"), recoverDevice: manifest is not null);
        var settings = new FasterKVSettings<StoreKey, SpanByte>
        {
            LogDevice = _device,
            CheckpointDir = Path.Combine(folder, "checkpoints"),
            RemoveOutdatedCheckpoints = true,
            MemorySize = options.MemoryBytes,
            PageSize = options.PageBytes,
            SegmentSize = options.SegmentBytes,
            IndexSize = options.IndexBytes,
            KeyLength = new KeyLengths(),
            EqualityComparer = default(StoreKey),

            // A reader and the writer may meet in one record: each holds it for the few instructions it needs.
            ConcurrencyControlMode = ConcurrencyControlMode.RecordIsolation,
        };
        _store = new FasterKV<StoreKey, SpanByte>(settings);
        if (manifest is not null)
        {
            Recover(manifest.Checkpoint);
            CompleteUntil = FeatureTime.FromMicros(manifest.CompleteUntilMicros);
            _newestMicros = manifest.CompleteUntilMicros - 1;
        }

        _writer = NewSession(_events);
    }

    /// <summary>All events known before this time are in the last checkpoint; null for a store without one.</summary>
    public DateTime? CompleteUntil { get; private set; }

    /// <summary>Bytes of the log, in memory and on disk.</summary>
    public long LogBytes => _store.Log.TailAddress - _store.Log.BeginAddress;

    /// <summary>Records, counting older versions of one that an update had to move.</summary>
    public long RecordCount => _store.EntryCount;

    /// <summary>Events that came later than their view allows and were not counted.</summary>
    public long TooLateCount => _events.TooLate;

    internal IEnumerable<ViewPlan> Plans => _plans;

    /// <summary>Opens a store, or makes one.</summary>
    /// <param name="folder">The store's own folder.</param>
    /// <param name="options">Sizes; null for the defaults.</param>
    /// <param name="views">What it holds. A folder made for other views is refused.</param>
    /// <exception cref="MlpException"><see cref="FeatureErrors.SchemaMismatch"/>, <see cref="FeatureErrors.StoreInUse"/> or <see cref="FeatureErrors.StoreDamaged"/>.</exception>
    public static OnlineStore Open(string folder, OnlineStoreOptions? options, params ReadOnlySpan<EntityView> views)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new OnlineStoreOptions();
        options.Validate();
        if (views.Length == 0)
        {
            throw new ArgumentException("A store needs a view.", nameof(views));
        }

        Directory.CreateDirectory(folder);
        var schema = string.Join('\n', views.ToArray().Select(v => v.Canonical));
        var held = StoreLock.Take(folder);
        try
        {
            var manifest = StoreManifest.Read(folder);
            if (manifest is not null && manifest.Schema != schema)
            {
                throw new MlpException(FeatureErrors.SchemaMismatch, $"The store in {folder} was made for other definitions; remove the folder and materialise again.\nthere:\n{manifest.Schema}\nhere:\n{schema}");
            }

            if (manifest is null)
            {
                // Without a manifest there is no whole state: what a killed process left of a log is of no use.
                DeleteIfThere(Path.Combine(folder, "log"));
                DeleteIfThere(Path.Combine(folder, "checkpoints"));
            }

            return new OnlineStore(folder, schema, options, held, [.. views.ToArray().Select(ViewPlan.Of)], manifest);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Opens a store for a service's views.</summary>
    public static OnlineStore Open(string folder, FeatureService service, OnlineStoreOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(service);
        return Open(folder, options, [.. service.Views.ToArray().OfType<EntityView>()]);
    }

    /// <summary>Feeds one event into every view of its source.</summary>
    /// <param name="source">The source.</param>
    /// <param name="knownAt">When it became known, UTC: the source's time column.</param>
    /// <param name="values">The other columns, in the source's order.</param>
    /// <exception cref="MlpException"><see cref="FeatureErrors.EventInvalid"/>: a value is missing or of another type.</exception>
    public void Push(EventSource source, DateTime knownAt, params ReadOnlySpan<FeatureValue> values)
    {
        ArgumentNullException.ThrowIfNull(source);
        EventValues.Check(source, values);
        var micros = FeatureTime.Micros(knownAt);
        lock (_writing)
        {
            CheckWritable();
            foreach (var plan in _plans)
            {
                if (plan.View.Source == source)
                {
                    Push(plan, micros, values);
                }
            }

            _newestMicros = Math.Max(_newestMicros, micros);
        }
    }

    /// <summary>Puts a row of a latest view, unless a newer one is there.</summary>
    /// <param name="view">The view.</param>
    /// <param name="key">The entity.</param>
    /// <param name="knownAt">When the row became known, UTC.</param>
    /// <param name="row">One float a feature.</param>
    public void Put(LatestView view, EntityKey key, DateTime knownAt, ReadOnlySpan<float> row)
    {
        var plan = Plan(view);
        if (row.Length != plan.Width)
        {
            throw new MlpException(ErrorCodes.TensorMismatch, $"{row.Length} floats for a row of '{view.Name}'; expected {plan.Width}.");
        }

        lock (_writing)
        {
            CheckWritable();
            var micros = FeatureTime.Micros(knownAt);
            PutRow(plan, key, micros, row);
            _newestMicros = Math.Max(_newestMicros, micros);
        }
    }

    /// <summary>Makes a reader for one thread.</summary>
    /// <exception cref="MlpException"><see cref="FeatureErrors.SchemaMismatch"/>: the service has a view that this store does not hold; <see cref="ErrorCodes.LimitReached"/>: too many readers are open.</exception>
    public FeatureReader CreateReader(FeatureService service)
    {
        ArgumentNullException.ThrowIfNull(service);
        ObjectDisposedException.ThrowIf(_life.HasEnded, this);
        var steps = ReaderSteps.Of(service, Plan);
        if (Interlocked.Increment(ref _readers) > _options.ReadersMax)
        {
            Interlocked.Decrement(ref _readers);
            throw new MlpException(ErrorCodes.LimitReached, $"{_options.ReadersMax} readers are open, the most that {nameof(OnlineStoreOptions.ReadersMax)} allows.");
        }

        var events = new StoreEvents();
        return new FeatureReader(service, steps, events, NewSession(events), _life, () => Interlocked.Decrement(ref _readers));
    }

    /// <summary>Makes a pool of readers for callers on any thread.</summary>
    public FeatureReaderPool CreateReaderPool(FeatureService service)
    {
        _ = ReaderSteps.Of(service, Plan);
        return new FeatureReaderPool(() => CreateReader(service));
    }

    /// <summary>Writes the whole state to disk; after a crash the store opens with it.</summary>
    /// <param name="completeUntil">All events known before this time have been pushed, and none from it on: where materialisation or a stream goes on after a restart.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">An event known at that time or later was pushed already, and would be counted twice.</exception>
    public async Task CheckpointAsync(DateTime completeUntil, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_life.HasEnded, this);
        var until = FeatureTime.Micros(completeUntil);
        lock (_writing)
        {
            CheckWritable();
            if (_newestMicros >= until)
            {
                throw new InvalidOperationException($"An event of {FeatureTime.FromMicros(_newestMicros):O} is in the store already; a checkpoint until {completeUntil:O} would count it twice after a restart.");
            }
        }

        var (success, token) = await _store.TakeFullCheckpointAsync(CheckpointType.FoldOver, cancellationToken).ConfigureAwait(false);
        if (!success)
        {
            throw new InvalidOperationException("Another checkpoint is under way.");
        }

        new StoreManifest(_schema, token, until).Write(_folder);
        CompleteUntil = completeUntil;
    }

    /// <summary>Closes the store. What was written after the last checkpoint is not kept.</summary>
    public void Dispose()
    {
        lock (_writing)
        {
            if (_life.HasEnded)
            {
                return;
            }

            _life.End();
        }

        _writer.Dispose();
        _store.Dispose();
        _device.Dispose();
        _lock.Dispose();
    }

    /// <summary>Adds sums to a tile, for materialisation.</summary>
    internal unsafe void AddTile(ViewPlan plan, EntityKey key, long tile, ReadOnlySpan<long> sums)
    {
        fixed (long* pointer = sums)
        {
            Modify(plan, key, new StoreInput { Plan = plan, Tile = tile, Sums = pointer });
        }
    }

    internal unsafe void PutRow(ViewPlan plan, EntityKey key, long micros, ReadOnlySpan<float> row)
    {
        fixed (float* pointer = row)
        {
            Modify(plan, key, new StoreInput { Plan = plan, Micros = micros, Row = pointer });
        }
    }

    /// <summary>Runs a bulk load alone. If it fails half-way, the state in memory counts events that a repetition would count again: the store then refuses everything until it is opened anew.</summary>
    internal void Load(long fromMicros, long untilMicros, Action load)
    {
        lock (_writing)
        {
            CheckWritable();
            if (_newestMicros != long.MinValue && _newestMicros >= fromMicros)
            {
                throw new MlpException(FeatureErrors.CountedTwice, $"An event of {FeatureTime.FromMicros(_newestMicros):O} was pushed since the last checkpoint, and history from {(CompleteUntil is { } from ? from.ToString("O") : "its beginning")} on would count it again. Make a checkpoint behind the newest event first (CheckpointAsync); materialisation then goes on from there.");
            }

            _faulted = true;
            load();
            _faulted = false;
            _newestMicros = Math.Max(_newestMicros, untilMicros - 1);
        }
    }

    // FASTER meets damaged files with whatever exception its parsing runs into; only the disk's own and memory's are something else.
    private void Recover(Guid checkpoint)
    {
        try
        {
            _store.Recover(checkpoint);
        }
        catch (Exception e) when (e is not (OutOfMemoryException or UnauthorizedAccessException))
        {
            _store.Dispose();
            _device.Dispose();
            throw new MlpException(FeatureErrors.StoreDamaged, $"The store in {_folder} cannot be recovered ({e.Message}): remove the folder and materialise again.", e);
        }
    }

    private static void DeleteIfThere(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private void Push(ViewPlan plan, long micros, ReadOnlySpan<FeatureValue> values)
    {
        var key = EventValues.Key(plan, values);
        if (plan.Windowed)
        {
            Span<long> sums = stackalloc long[plan.Accumulators.Length];
            for (var i = 0; i < sums.Length; i++)
            {
                sums[i] = plan.Accumulators[i].Of(values);
            }

            AddTile(plan, key, FeatureTime.Tile(micros, plan.TileMicros), sums);
            return;
        }

        Span<float> row = stackalloc float[plan.Width];
        for (var i = 0; i < row.Length; i++)
        {
            row[i] = (float)values[plan.ValueColumns[i]].Number;
        }

        PutRow(plan, key, micros, row);
    }

    private unsafe void Modify(ViewPlan plan, EntityKey entity, StoreInput input)
    {
        var key = new StoreKey { Entity = entity, View = plan.Id };
        if (_writer.RMW(ref key, ref input).IsPending)
        {
            _writer.CompletePending(wait: true);
        }
    }

    private ViewPlan Plan(EntityView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        foreach (var plan in _plans)
        {
            if (plan.View.Canonical == view.Canonical)
            {
                return plan;
            }
        }

        throw new MlpException(FeatureErrors.SchemaMismatch, $"The store in {_folder} does not hold the view '{view.Name}' as it is defined here; it holds {string.Join(", ", _plans.Select(p => p.View.Name))}.");
    }

    private void CheckWritable()
    {
        ObjectDisposedException.ThrowIf(_life.HasEnded, this);
        if (_faulted)
        {
            throw new InvalidOperationException("A materialisation of this store failed half-way; open the store again, which goes back to its last checkpoint.");
        }
    }

    private ClientSession<StoreKey, SpanByte, StoreInput, StoreOutcome, Empty, StoreFunctions> NewSession(StoreEvents events) =>
        _store.For(new StoreFunctions(events)).NewSession<StoreFunctions>(sessionVariableLengthStructSettings: new SessionVariableLengthStructSettings<SpanByte, StoreInput> { valueLength = new RecordLengths() });
}
