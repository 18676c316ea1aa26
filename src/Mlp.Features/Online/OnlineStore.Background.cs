using Mlp.Core;

namespace Mlp.Features;

/// <content>Checkpoints that the store makes of its own.</content>
public sealed partial class OnlineStore
{
    private readonly CancellationTokenSource _checkpointsEnd = new();
    private readonly SemaphoreSlim _checkpointWanted = new(0, 1);
    private long _writes;
    private long _savedWrites;
    private Exception? _checkpointFailure;

    /// <summary>Why the last checkpoint that the store tried to make of its own failed; null if it did not.</summary>
    public Exception? CheckpointFailure => Volatile.Read(ref _checkpointFailure);

    private long Writes => Volatile.Read(ref _writes) + _writers.Writes;

    private void BeginCheckpoints()
    {
        if (_options.Durability != StoreDurability.Checkpoints)
        {
            _ = CheckpointInTurnAsync(_checkpointsEnd.Token);
        }
    }

    // The journal is past half of what it may have.
    private void CheckpointSoon()
    {
        try
        {
            _checkpointWanted.Release();
        }
        catch (SemaphoreFullException)
        {
            // One is wanted already.
        }
    }

    private async Task CheckpointInTurnAsync(CancellationToken ended)
    {
        await Task.Yield();
        var period = _options.Durability == StoreDurability.PeriodicCheckpoints;
        try
        {
            while (true)
            {
                if (period || CheckpointFailure is not null)
                {
                    await Task.Delay(_options.CheckpointPeriod, _options.TimeProvider, ended).ConfigureAwait(false);
                }
                else
                {
                    await _checkpointWanted.WaitAsync(ended).ConfigureAwait(false);
                }

                if (!period || Writes != Volatile.Read(ref _savedWrites))
                {
                    await CheckpointOrTellAsync().ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The store is closed.
        }
    }

    private async Task CheckpointOrTellAsync()
    {
        try
        {
            // Begun, it comes to its end; closing waits for that.
            await SaveAsync(null, null, CancellationToken.None).ConfigureAwait(false);
            Volatile.Write(ref _checkpointFailure, null);
        }
        catch (ObjectDisposedException) when (_life.HasEnded)
        {
            throw new OperationCanceledException();
        }
        catch (Exception e)
        {
            Volatile.Write(ref _checkpointFailure, e);
            Tell(e);
        }
    }

    private void Tell(Exception failure)
    {
        try
        {
            _options.CheckpointFailed?.Invoke(failure);
        }
        catch (Exception e)
        {
            // No one else hears of it, and the next checkpoint has to be tried all the same.
            Volatile.Write(ref _checkpointFailure, new AggregateException(failure, e));
        }
    }
}
