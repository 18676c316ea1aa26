namespace Mlp.Features;

/// <content>Reads that wait for the disk without a thread.</content>
public sealed partial class FeatureReader
{
    /// <summary>Reads one row; see <see cref="ReadManyAsync"/>.</summary>
    /// <param name="keys">A key for each of the service's <see cref="FeatureService.Entities"/>, in their order.</param>
    /// <param name="time">The request's time, UTC.</param>
    /// <param name="row"><see cref="FeatureService.RowLength"/> floats; overwritten.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask<FeatureReadStatus> ReadAsync(ReadOnlyMemory<EntityKey> keys, DateTime time, Memory<float> row, CancellationToken cancellationToken = default)
    {
        Check(keys.Length, row.Length, 1);
        return ReadRowsAsync(keys, time, row, 1, cancellationToken);
    }

    /// <summary>
    /// Reads many rows in one epoch. Completes at once, and allocates nothing, where all of them are in memory; else everything that lies on disk is asked for together, and waited
    /// for without a thread. Until it has completed this reader takes no other read.
    /// </summary>
    /// <param name="keys">The keys of the first row, then those of the second, and so on.</param>
    /// <param name="time">The requests' time, UTC.</param>
    /// <param name="rows">Row-major; overwritten when the read has completed, and left alone when it is cancelled.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The worst of the rows.</returns>
    /// <exception cref="InvalidOperationException">Another read of this reader is under way.</exception>
    public ValueTask<FeatureReadStatus> ReadManyAsync(ReadOnlyMemory<EntityKey> keys, DateTime time, Memory<float> rows, CancellationToken cancellationToken = default)
    {
        var count = RowsOf(keys.Length, rows.Length);
        Check(keys.Length, rows.Length, count);
        return ReadRowsAsync(keys, time, rows, count, cancellationToken);
    }

    private ValueTask<FeatureReadStatus> ReadRowsAsync(ReadOnlyMemory<EntityKey> keys, DateTime time, Memory<float> rows, int count, CancellationToken cancellationToken)
    {
        if (_together || _waiting)
        {
            throw new InvalidOperationException("Another read of this reader is under way; each caller takes a reader of its own.");
        }

        cancellationToken.ThrowIfCancellationRequested();
        Enter();
        var begin = _engine.BeginAddress;
        try
        {
            _unfinished = true;
            _waiting = AskForAll(keys.Span, FeatureTime.Micros(time), count);
            _unfinished = _waiting;
            if (!_waiting)
            {
                return new ValueTask<FeatureReadStatus>(Take(time, rows.Span, count));
            }
        }
        finally
        {
            if (_waiting)
            {
                // Busy, but in no epoch while it waits.
                _context.EndUnsafe();
            }
            else
            {
                Leave();
            }
        }

        return WaitAsync(keys, time, rows, count, begin, cancellationToken);
    }

    private async ValueTask<FeatureReadStatus> WaitAsync(ReadOnlyMemory<EntityKey> keys, DateTime time, Memory<float> rows, int count, long begin, CancellationToken cancellationToken)
    {
        try
        {
            do
            {
                await _session.CompletePendingAsync(waitForCommit: false, cancellationToken).ConfigureAwait(false);
            }
            while (AskAgain(keys.Span, FeatureTime.Micros(time), ref begin));
            _unfinished = false;
            return Take(time, rows.Span, count);
        }
        finally
        {
            _waiting = false;
            _busy = false;
        }
    }
}
