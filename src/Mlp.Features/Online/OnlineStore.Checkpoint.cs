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
    public async Task CheckpointAsync(DateTime completeUntil, CancellationToken cancellationToken = default)
    {
        var until = FeatureTime.Micros(completeUntil);
        await _checkpointing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _life.Require();

            // One that was cancelled half-way has to come to its end first.
            await _engine.CompleteCheckpointAsync(cancellationToken).ConfigureAwait(false);
            CompactIfLong(cancellationToken);
            AtStep?.Invoke(CheckpointStep.Compacted);
            var token = CloseVersion(completeUntil, until);
            AtStep?.Invoke(CheckpointStep.VersionClosed);
            await _engine.CompleteCheckpointAsync(cancellationToken).ConfigureAwait(false);
            _life.RequireWhole();
            AtStep?.Invoke(CheckpointStep.OnDisk);
            var seal = CheckpointSeal.Make(_folder, token, BlocksOf(_folder, _options), _seal, cancellationToken);
            new StoreManifest(_schema, _options.PageBytes, _options.SegmentBytes, token, until, seal).Write(_folder);
            _seal = seal;
            Volatile.Write(ref _completeUntilMicros, until);
            AtStep?.Invoke(CheckpointStep.Named);
            _engine.Keep(token);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MlpException(FeatureErrors.StoreUnavailable, $"The checkpoint of the store in {_folder} cannot be written, or what it replaces not be removed: {e.Message}", e);
        }
        finally
        {
            _checkpointing.Release();
        }
    }

    // What is in the version and what the manifest says of it are decided while no one writes: a push is before both or after both.
    private Guid CloseVersion(DateTime completeUntil, long until)
    {
        using (_writers.BeAlone())
        {
            _life.Require();
            if (NewestMicros is var newest && newest >= until)
            {
                throw new MlpException(FeatureErrors.CountedTwice, $"An event of {FeatureTime.FromMicros(newest):O} is in the store already; a checkpoint until {completeUntil:O} would count it twice after a restart.");
            }

            AtStep?.Invoke(CheckpointStep.Decided);
            return _engine.BeginCheckpoint(() => AtStep?.Invoke(CheckpointStep.Closing));
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
}
