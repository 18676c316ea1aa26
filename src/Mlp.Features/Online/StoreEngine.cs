using FASTER.core;

namespace Mlp.Features;

/// <summary>
/// FASTER as this store uses it: one session changes any record, others put rows or read. Whoever calls sees to it that one caller at a time uses the
/// first, and that no one writes beside a compaction or the begin of a checkpoint; readers need no leave.
/// </summary>
internal sealed class StoreEngine : IDisposable
{
    // Records that compaction looks up at once, on disk if it has to.
    private const int MovesTogether = 256;

    // The engine opens each of the log's files once more for every read of it that is under way, and keeps it open: of many files these are many.
    private const int ReadsOfFileAtOnce = 8;

    private readonly LogDevice _device;
    private readonly string _checkpoints;
    private readonly FasterKV<StoreKey, SpanByte> _store;
    private readonly ClientSession<StoreKey, SpanByte, StoreInput, StoreOutcome, Empty, StoreFunctions> _writer;
    private readonly HashSet<(long View, EntityKey Entity)> _turned = [];
    private long _checkpointBegin;

    /// <summary>Opens the files of a folder, at a checkpoint where there is one.</summary>
    public StoreEngine(string folder, OnlineStoreOptions options, Guid? checkpoint, Action<uint> writeFailed)
    {
        _device = new LogDevice(Devices.CreateLogDevice(Path.Combine(folder, "log", "features.log"), recoverDevice: checkpoint is not null), writeFailed)
        {
            ThrottleLimit = ReadsOfFileAtOnce,
        };
        _checkpoints = Path.Combine(folder, "checkpoints");
        var settings = new FasterKVSettings<StoreKey, SpanByte>
        {
            LogDevice = _device,
            CheckpointDir = _checkpoints,

            // The engine would remove the last checkpoint before the manifest names the new one.
            RemoveOutdatedCheckpoints = false,
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
        try
        {
            if (checkpoint is { } token)
            {
                _store.Recover(token);
                Keep(token, _store.Log.BeginAddress);

                // The checkpoint brings an index as large as it was.
                while (IndexBytes < options.IndexBytes && _store.GrowIndex())
                {
                }
            }
        }
        catch
        {
            _store.Dispose();
            _device.Dispose();
            throw;
        }

        _writer = NewSession(Events);
        Rows = new RowWriter(_writer, Events, options);
        SetPrefetch(true);
    }

    /// <summary>Advice for many reads at once; null where there is none to be had.</summary>
    public RecordPrefetch? Prefetch { get; private set; }

    public void SetPrefetch(bool on) => Prefetch = on ? RecordPrefetch.Of(_store) : null;

    /// <summary>Puts rows through the writer's session.</summary>
    public RowWriter Rows { get; }

    /// <summary>What happened in the writer's session.</summary>
    public StoreEvents Events { get; } = new();

    public long LogBytes => _store.Log.TailAddress - _store.Log.BeginAddress;

    /// <summary>Where the log begins. What lies before was compacted: a read that was on its way there finds nothing, and has to be repeated.</summary>
    public long BeginAddress => _store.Log.BeginAddress;

    public long RecordCount => _store.EntryCount;

    public long IndexBytes => _store.IndexSize * 64;

    public ClientSession<StoreKey, SpanByte, StoreInput, StoreOutcome, Empty, StoreFunctions> NewSession(StoreEvents events) =>
        _store.For(new StoreFunctions(events)).NewSession<StoreFunctions>(sessionVariableLengthStructSettings: new SessionVariableLengthStructSettings<SpanByte, StoreInput> { valueLength = new RecordLengths() });

    /// <summary>Changes or makes a record.</summary>
    public void Modify(ref StoreKey key, ref StoreInput input)
    {
        var late = Events.TooLate;
        if (_writer.RMW(ref key, ref input).IsPending)
        {
            _writer.CompletePending(wait: true);
        }

        // The engine tries again where another session has changed the same chain of records meanwhile.
        Events.TooLate = Math.Min(Events.TooLate, late + 1);
    }

    /// <summary>
    /// Begins a checkpoint. On return the version that it will hold is closed: it has every change made before, and none made from now on.
    /// Waits for readers that are in the middle of a read, which does not take long.
    /// </summary>
    /// <param name="waiting">Called while it waits.</param>
    public Guid BeginCheckpoint(Action waiting)
    {
        _checkpointBegin = _store.Log.BeginAddress;
        var version = _store.CurrentVersion;
        if (!_store.TryInitiateFullCheckpoint(out var token, CheckpointType.FoldOver))
        {
            throw new InvalidOperationException("A checkpoint is under way.");
        }

        var spin = default(SpinWait);
        while (_store.CurrentVersion == version)
        {
            _writer.Refresh();
            if (_store.CurrentVersion == version)
            {
                waiting();
                spin.SpinOnce();
            }
        }

        return token;
    }

    /// <summary>Waits for the checkpoint under way, if one is.</summary>
    public ValueTask CompleteCheckpointAsync(CancellationToken cancellationToken) => _store.CompleteCheckpointAsync(cancellationToken);

    /// <summary>Removes what no one needs any more once a manifest names a checkpoint: the others, and the files before its log.</summary>
    public void Keep(Guid checkpoint) => Keep(checkpoint, _checkpointBegin);

    /// <summary>Until where the log can be compacted now.</summary>
    public long CompactableUntil => _store.Log.SafeReadOnlyAddress;

    /// <summary>Goes over the records of a part of the log, from its beginning, older versions of a record included.</summary>
    public IFasterScanIterator<StoreKey, SpanByte> Scan(long from, long until) => _store.Log.Scan(from, until);

    /// <summary>The address of the newest record of a key before an address; 0 where there is none.</summary>
    public long NewestBefore(long address, StoreKey key)
    {
        var versions = new KeyVersions(address);
        _store.Log.IterateKeyVersions(ref versions, ref key);
        return versions.Found;
    }

    /// <summary>Where the log ends.</summary>
    public long TailAddress => _store.Log.TailAddress;

    /// <summary>Makes all records such as are copied when they change, so that all can be compacted.</summary>
    public void StopChangingInPlace() => _store.Log.ShiftReadOnlyAddress(_store.Log.TailAddress, wait: true);

    /// <summary>
    /// Moves what is live in the log's oldest part to its end; the rest is gone with the next checkpoint. Of each record that is found there,
    /// the newest of its entity is looked up, and copied as it is should it be in this part as well.
    /// </summary>
    /// <param name="untilAddress">Where that part ends.</param>
    /// <param name="plans">The views, by their numbers.</param>
    /// <param name="expiry">Which records are live no more.</param>
    /// <param name="migrations">By the views' numbers, how rows of an older schema become those of the newer one; null where all are as they should be.</param>
    /// <returns>Where the log now begins.</returns>
    public long Compact(long untilAddress, ViewPlan[] plans, RecordExpiry expiry, ViewMigration?[]? migrations = null)
    {
        Events.Expiry = expiry;
        var input = new StoreInput { MoveBefore = untilAddress };
        using (var records = _store.Log.Scan(_store.Log.BeginAddress, untilAddress))
        {
            var looked = 0;
            while (records.GetNext(out _))
            {
                ref var key = ref records.GetKey();
                var outcome = StoreOutcome.Missing;
                if (!_writer.Read(ref key, ref input, ref outcome).IsPending && outcome == StoreOutcome.Read)
                {
                    Events.ToMove.Add(key);
                }

                if (++looked % MovesTogether == 0)
                {
                    Move(input, plans, migrations);
                }
            }

            Move(input, plans, migrations);
            untilAddress = Math.Max(untilAddress, records.NextAddress);
        }

        _store.Log.ShiftBeginAddress(untilAddress);
        return untilAddress;
    }

    public void Dispose()
    {
        _writer.Dispose();
        _store.Dispose();
        _device.Dispose();
    }

    private void Move(StoreInput input, ViewPlan[] plans, ViewMigration?[]? migrations)
    {
        _writer.CompletePending(wait: true);
        _turned.Clear();
        foreach (var one in Events.ToMove)
        {
            if (migrations?[one.View] is { } migration)
            {
                // It comes once for each of its versions here, and is of the newer columns once it was turned.
                if (_turned.Add((one.View, one.Entity)))
                {
                    migration.Turn(Rows, one.Entity);
                }

                continue;
            }

            var key = one;
            input.Plan = plans[(int)key.View];
            _writer.RMW(ref key, ref input);
        }

        _writer.CompletePending(wait: true);
        Events.ToMove.Clear();
    }

    private void Keep(Guid checkpoint, long beginAddress)
    {
        // A folder for each of its two parts, in which every checkpoint has one of its token's name.
        foreach (var part in Directory.EnumerateDirectories(_checkpoints))
        {
            foreach (var one in Directory.GetDirectories(part))
            {
                if (Path.GetFileName(one) != checkpoint.ToString())
                {
                    Directory.Delete(one, recursive: true);
                }
            }
        }

        _device.Remove(beginAddress);
    }
}
