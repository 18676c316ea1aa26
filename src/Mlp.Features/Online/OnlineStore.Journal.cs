using Mlp.Core;

namespace Mlp.Features;

/// <content>What is acknowledged is in the journal.</content>
public sealed partial class OnlineStore
{
    // What is pushed on its way into the journal; whoever pushes is alone with it.
    private readonly JournalBuffer _entry = new();
    private Journal? _journal;
    private UnsavedLoad? _unsaved;
    private long _loadedUntilMicros = long.MinValue;
    private bool _repeating;

    /// <summary>Bytes of the journal since the last checkpoint; 0 without one.</summary>
    public long JournalBytes => _journal?.Bytes ?? 0;

    /// <summary>
    /// Returns when every push, put and deletion that returned before this call is on disk: it is there after whatever happens to the process. Calls at the same time share one write.
    /// Behind a materialisation it waits for the checkpoint that ends that.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="MlpException"><see cref="FeatureErrors.StoreUnavailable"/>: the journal cannot be written, such as on a full disk. What was acknowledged before is safe; of the rest it is not known.</exception>
    /// <exception cref="InvalidOperationException">The store was opened without <see cref="StoreDurability.Journal"/>.</exception>
    public async Task CommitAsync(CancellationToken cancellationToken = default)
    {
        var until = await CommitEntriesAsync(cancellationToken).ConfigureAwait(false);
        if (Volatile.Read(ref _unsaved) is { } load && until > load.From)
        {
            await load.Saved.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Brings the journal to disk.</summary>
    /// <returns>Until where.</returns>
    internal async ValueTask<long> CommitEntriesAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_life.HasEnded, this);
        if (_journal is not { } journal)
        {
            throw new InvalidOperationException($"A commit needs {nameof(OnlineStoreOptions)}.{nameof(OnlineStoreOptions.Durability)} to be {nameof(StoreDurability.Journal)}; it is {_options.Durability}.");
        }

        var until = journal.End;
        await journal.CommitAsync(until).WaitAsync(cancellationToken).ConfigureAwait(false);
        return until;
    }

    // What the folder's journal holds is repeated, whatever the store is opened for: it was acknowledged.
    private void OpenJournal(StoreManifest? manifest)
    {
        var layout = new JournalLayout(_folder, _options.JournalPageBytes);
        var journaled = _options.Durability == StoreDurability.Journal;
        var schema = OlderJournal.SchemaOf(_plans);
        var header = JournalHeader.Read(layout);
        if (header is null && manifest?.Journal is { } lost)
        {
            throw layout.Damaged(layout.HeaderName, 0, $"it is missing, and the last checkpoint goes on with the journal {lost.Journal}");
        }

        var from = header?.PlaceBehind(layout, manifest);
        if (from is null)
        {
            if (journaled)
            {
                RequireEntriesFor(layout);
                from = Journal.Create(layout, schema, manifest?.Checkpoint);
                _journal = Journal.Open(layout, from, _options, _ => true, CheckpointSoon);
            }

            return;
        }

        header = Adopt(layout, header!, schema);
        if (!journaled)
        {
            layout = layout with { PageBytes = header.PageBytes };
            Repeat(layout, taker => Journal.Read(layout, from, taker));
            return;
        }

        header.RequireSize(layout);
        RequireEntriesFor(layout);
        Repeat(layout, taker => _journal = Journal.Open(layout, from, _options, taker, CheckpointSoon));
    }

    // One of other definitions has nothing to repeat any more: see OlderJournal.
    private static JournalHeader Adopt(JournalLayout layout, JournalHeader header, string schema)
    {
        if (header.Schema != schema)
        {
            header = header with { Schema = schema };
            header.Write(layout);
        }

        return header;
    }

    private int FirstOf(EventSource source) => Array.FindIndex(_plans, p => p.View.Source == source);

    private void RequireEntriesFor(JournalLayout layout)
    {
        foreach (var plan in _plans)
        {
            if (plan.Window is null && (plan.Latest.Schema.HasTail ? _options.RowBytesMax : plan.Latest.FixedBytes) + (long)JournalEntries.RowBytes is var bytes && bytes > layout.EntryBytesMax)
            {
                throw new MlpException(FeatureErrors.RecordTooLarge, $"A row of the view '{plan.View.Name}' takes {bytes} bytes of the journal, and an entry has {layout.EntryBytesMax}: raise {nameof(OnlineStoreOptions.JournalPageBytes)}, {_options.JournalPageBytes}.");
            }
        }
    }

    private void Repeat(JournalLayout layout, Action<JournalEntryTaker> read)
    {
        _repeating = true;
        try
        {
            lock (_writing)
            {
                read(Repeat);
            }
        }
        catch (Exception e) when (e is InvalidDataException or MlpException { Code: not FeatureErrors.StoreDamaged })
        {
            throw new MlpException(FeatureErrors.StoreDamaged, $"The journal in {layout.Folder} holds what cannot be repeated ({e.Message}): it was written by another version or with other limits. Open it with those and make a checkpoint, or remove the folder {_folder} and materialise again.", e);
        }
        finally
        {
            _repeating = false;
        }
    }

    private bool Repeat(ReadOnlySpan<byte> body)
    {
        var entry = new JournalEntryReader(body);
        switch ((JournalEntryKind)entry.Byte())
        {
            case JournalEntryKind.Event:
                RepeatEvent(ref entry, isRetraction: false);
                return true;
            case JournalEntryKind.Retraction:
                RepeatEvent(ref entry, isRetraction: true);
                return true;
            case JournalEntryKind.Rows:
                RepeatRows(ref entry);
                return true;
            case JournalEntryKind.Deletion:
                _engine.Rows.Delete(LatestAt(entry.Int32()), entry.Key(), entry.Int64());
                return true;
            case JournalEntryKind.Load:
                return false;
            default:
                throw new InvalidDataException($"an entry of the kind {body[0]}");
        }
    }

    private void RepeatEvent(ref JournalEntryReader entry, bool isRetraction)
    {
        var source = PlanAt(entry.Int32()).View.Source;
        var known = entry.Int64();
        var micros = isRetraction ? entry.Int64() : known;
        var values = new FeatureValue[entry.Count(1)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = JournalValues.Read(ref entry);
        }

        EventValues.Check(source, values);
        if (isRetraction)
        {
            RetractChecked(source, known, micros, values);
            return;
        }

        PushChecked(source, micros, values);
    }

    private void RepeatRows(ref JournalEntryReader entry)
    {
        var plan = LatestAt(entry.Int32());
        while (!entry.IsAtEnd)
        {
            var key = entry.Key();
            var micros = entry.Int64();
            var created = entry.Int64();
            var always = entry.Byte() != 0;
            var row = entry.Bytes();
            if (!plan.Latest.Schema.IsFloats)
            {
                RowCheck.Require(plan.Latest.Schema, row);
            }
            else if (row.Length < plan.Latest.FixedBytes)
            {
                throw new InvalidDataException($"{row.Length} bytes for a row of '{plan.View.Name}'");
            }

            _engine.Rows.Put(plan, key, micros, created, row, always);
            _newestMicros = Math.Max(_newestMicros, micros);
        }
    }

    private ViewPlan PlanAt(int view) => (uint)view < (uint)_plans.Length ? _plans[view] : throw new InvalidDataException($"the view {view} of {_plans.Length}");

    private ViewPlan LatestAt(int view) => PlanAt(view) is { Window: null } plan ? plan : throw new InvalidDataException($"a row of the view {view}, which has none");

    private JournalBuffer? EntryOf(EventSource source, JournalEntryKind kind, long known, long micros, ReadOnlySpan<FeatureValue> values)
    {
        if (_journal is not { } journal || FirstOf(source) is var view && view < 0)
        {
            return null;
        }

        JournalEntries.Event(_entry, kind, view, known, micros, values);
        if (_entry.Length > journal.Layout.EntryBytesMax)
        {
            throw new MlpException(FeatureErrors.EventInvalid, $"An event of '{source.Name}' has {_entry.Length} bytes, and an entry of the journal {journal.Layout.EntryBytesMax}: raise {nameof(OnlineStoreOptions.JournalPageBytes)}.");
        }

        return _entry;
    }

    private void Note(JournalBuffer? entry)
    {
        if (entry is not null)
        {
            _journal!.Append(entry);
        }
    }

    // A load is in no journal: what comes behind counts only with the checkpoint that has it.
    private void NoteLoad(long fromMicros, long untilMicros)
    {
        if (_journal is { } journal)
        {
            Volatile.Write(ref _unsaved, new UnsavedLoad(journal.End));
            JournalEntries.Load(_entry, fromMicros, untilMicros);
            journal.Append(_entry);
        }
    }
}
