using Mlp.Core;

namespace Mlp.Features;

/// <content>How the state comes to disk.</content>
public sealed partial class OnlineStore
{
    // How much of the log is compacted while writers wait; then it is their turn.
    private const int CompactPages = 4;

    /// <summary>Called between a checkpoint's steps.</summary>
    internal Action<CheckpointStep>? AtStep { get; set; }

    /// <summary>
    /// Writes the whole state to disk; after a crash the store opens with it. Pushes go on beside it: one that returned before the
    /// checkpoint took its time into account is in it, every later one is not. A log past half of <see cref="OnlineStoreOptions.LogBytesMax"/> is compacted first.
    /// </summary>
    /// <param name="completeUntil">All events known before this time have been pushed, and none from it on: where materialisation or a stream goes on after a restart.</param>
    /// <param name="cancellationToken">Ends the wait; the last checkpoint then stays the last.</param>
    /// <exception cref="MlpException">
    /// <see cref="FeatureErrors.CountedTwice"/>: an event known at that time or later was pushed already, and would be counted again after a restart;
    /// <see cref="FeatureErrors.StoreFaulted"/>: a change failed half-way; <see cref="FeatureErrors.StoreUnavailable"/>: the folder cannot be written.
    /// </exception>
    /// <exception cref="InvalidOperationException">A sink feeds the store: its checkpoints are the sink's, which say how far each stream is in them.</exception>
    public Task CheckpointAsync(DateTime completeUntil, CancellationToken cancellationToken = default)
    {
        RequireUnfed();
        return SaveAsync(FeatureTime.Micros(completeUntil), null, cancellationToken);
    }

    /// <summary>
    /// Writes the whole state to disk, and leaves open until when it is complete: <see cref="CompleteUntil"/> stays what it is, or becomes what a materialisation has loaded since.
    /// After a restart, events in it that are newer than that are refused to be materialised, as they are now.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait; the last checkpoint then stays the last.</param>
    /// <exception cref="MlpException"><see cref="FeatureErrors.StoreFaulted"/>: a change failed half-way; <see cref="FeatureErrors.StoreUnavailable"/>: the folder cannot be written.</exception>
    /// <exception cref="InvalidOperationException">A sink feeds the store: its checkpoints are the sink's, which say how far each stream is in them.</exception>
    public Task CheckpointAsync(CancellationToken cancellationToken = default)
    {
        RequireUnfed();
        return SaveAsync(null, null, cancellationToken);
    }

    // Where no streams are given, none has come further since the last checkpoint.
    private async Task SaveAsync(long? completeUntil, IReadOnlyList<KeyValuePair<string, long>>? streams, CancellationToken cancellationToken)
    {
        await _checkpointing.WaitAsync(cancellationToken).ConfigureAwait(false);
        var decided = default(Decision);
        try
        {
            _life.Require();

            // One that was cancelled half-way has to come to its end first.
            await _engine.CompleteCheckpointAsync(cancellationToken).ConfigureAwait(false);
            CompactIfLong(cancellationToken);
            AtStep?.Invoke(CheckpointStep.Compacted);
            decided = CloseVersion(completeUntil);
            AtStep?.Invoke(CheckpointStep.VersionClosed);
            await _engine.CompleteCheckpointAsync(cancellationToken).ConfigureAwait(false);
            _life.RequireWhole();
            AtStep?.Invoke(CheckpointStep.OnDisk);
            var seal = CheckpointSeal.Make(_folder, decided.Token, BlocksOf(_folder, _options), _seal, cancellationToken);

            // The journal goes on from the place that is named, so it has to have come there.
            var place = decided.Place is { } at && await ReachAsync(at, cancellationToken).ConfigureAwait(false) ? at : null;
            streams ??= _streams;
            new StoreManifest(_schema, _options.PageBytes, _options.SegmentBytes, decided.Token, decided.UntilMicros, decided.NewestMicros, seal, place, decided.Filled, streams).Write(_folder);
            (_seal, _streams, _hasCheckpoint) = (seal, streams, true);
            Volatile.Write(ref _completeUntilMicros, decided.UntilMicros);
            _savedWrites = decided.Writes;
            decided.Unsaved?.Save();
            Interlocked.CompareExchange(ref _unsaved, null, decided.Unsaved);
            AtStep?.Invoke(CheckpointStep.Named);
            _engine.Keep(decided.Token);
            ForgetBefore(place);
            AtStep?.Invoke(CheckpointStep.Removed);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Volatile.Read(ref _unsaved)?.Fail(e);
            throw new MlpException(FeatureErrors.StoreUnavailable, $"The checkpoint of the store in {_folder} cannot be written, or what it replaces not be removed: {e.Message}", e);
        }
        catch (Exception e)
        {
            Volatile.Read(ref _unsaved)?.Fail(e);
            throw;
        }
        finally
        {
            _checkpointing.Release();
        }
    }

    // What is in the version and what the manifest says of it are decided while no one writes: a push is before both or after both.
    private Decision CloseVersion(long? completeUntil)
    {
        using (_writers.BeAlone())
        {
            _life.Require();
            var newest = NewestMicros;
            if (completeUntil is { } stated && newest >= stated)
            {
                throw new MlpException(FeatureErrors.CountedTwice, $"An event of {FeatureTime.FromMicros(newest):O} is in the store already; a checkpoint until {FeatureTime.FromMicros(stated):O} would count it twice after a restart.");
            }

            // What was loaded is complete, whoever makes the checkpoint.
            var until = completeUntil ?? Math.Max(_completeUntilMicros, _loadedUntilMicros);
            AtStep?.Invoke(CheckpointStep.Decided);
            var place = _journal?.Place;
            var token = _engine.BeginCheckpoint(() => AtStep?.Invoke(CheckpointStep.Closing));
            return new Decision(token, until, Math.Max(newest, until == long.MinValue ? until : until - 1), Writes, place, Volatile.Read(ref _unsaved), _filled);
        }
    }

    // One that cannot be written is left behind: the checkpoint has what it was for.
    private async ValueTask<bool> ReachAsync(JournalPlace place, CancellationToken cancellationToken)
    {
        if (_journal!.HasFailed)
        {
            return false;
        }

        try
        {
            await _journal.CommitAsync(place.Address).WaitAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (MlpException) when (_journal.HasFailed)
        {
            // Its cause is told to whoever writes or commits.
            return false;
        }
    }

    private void ForgetBefore(JournalPlace? place)
    {
        if (place is not null)
        {
            _journal!.Forget(place);
        }
        else if (_journal is null)
        {
            // Of an earlier time, and repeated when the store was opened.
            DeleteIfThere(new JournalLayout(_folder, _options.JournalPageBytes).Folder);
        }
    }

    /// <summary>
    /// Compacts the whole log, however long it is: what was overwritten or deleted is left behind, and so are rows whose time to live has passed and deletions that were remembered
    /// for long enough. Pushes go on between its steps. The files that it has emptied are removed by the next checkpoint. While a scan is under way there is no compaction.
    /// </summary>
    /// <param name="cancellationToken">Ends it between two steps, at which the log is whole.</param>
    /// <exception cref="MlpException"><see cref="FeatureErrors.StoreFaulted"/>: a change failed half-way.</exception>
    public async Task CompactAsync(CancellationToken cancellationToken = default)
    {
        await _checkpointing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _life.Require();
            await _engine.CompleteCheckpointAsync(cancellationToken).ConfigureAwait(false);
            _engine.StopChangingInPlace();
            Compact(null, cancellationToken);
        }
        finally
        {
            _checkpointing.Release();
        }
    }

    private void CompactIfLong(CancellationToken cancellationToken)
    {
        if (_engine.LogBytes > _options.LogBytesMax / 2)
        {
            Compact(null, cancellationToken);
        }
    }

    private void Compact(ViewMigration?[]? migrations, CancellationToken cancellationToken)
    {
        // Until where it stands now: what is moved meanwhile is behind that.
        var until = _engine.CompactableUntil;
        var more = true;
        while (more)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using (_writers.BeAlone())
            {
                _life.Require();
                var expiry = new RecordExpiry(_plans, NewestMicros, _options.ReadsBehindMax, _options.DeletionsKept);

                // To a page's end: of a record that lies across the end of a part the engine would read the begin alone.
                var next = Math.Min(until, (_engine.BeginAddress & -_options.PageBytes) + (CompactPages * _options.PageBytes));
                more = _scans == 0 && next > _engine.BeginAddress && _engine.Compact(next, _plans, expiry, migrations) < until;
            }
        }
    }

    /// <summary>What a checkpoint holds, decided while no one writes.</summary>
    private readonly record struct Decision(Guid Token, long UntilMicros, long NewestMicros, long Writes, JournalPlace? Place, UnsavedLoad? Unsaved, int Filled);
}
