namespace Mlp.Features;

/// <content>Reads that wait for the disk without a thread.</content>
public sealed partial class FeatureReader
{
    /// <summary>Reads one row; see <see cref="ReadManyAsync(ReadOnlyMemory{EntityKey}, DateTime, Memory{float}, CancellationToken)"/>.</summary>
    /// <param name="keys">A key for each of the service's <see cref="FeatureService.Entities"/>, in their order.</param>
    /// <param name="time">The request's time, UTC.</param>
    /// <param name="row"><see cref="FeatureService.RowLength"/> floats; overwritten.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask<FeatureReadStatus> ReadAsync(ReadOnlyMemory<EntityKey> keys, DateTime time, Memory<float> row, CancellationToken cancellationToken = default) =>
        ReadAsync(keys, time, default, row, cancellationToken);

    /// <summary>Reads one row of a service whose on-demand views need numbers from the request.</summary>
    /// <param name="keys">A key for each of the service's <see cref="FeatureService.Entities"/>, in their order.</param>
    /// <param name="time">The request's time, UTC.</param>
    /// <param name="request">A number for each of the service's <see cref="FeatureService.RequestColumns"/>; NaN for a missing one.</param>
    /// <param name="row"><see cref="FeatureService.RowLength"/> floats; overwritten.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask<FeatureReadStatus> ReadAsync(ReadOnlyMemory<EntityKey> keys, DateTime time, ReadOnlyMemory<float> request, Memory<float> row, CancellationToken cancellationToken = default)
    {
        Check(keys.Length, request.Length, row.Length, 1);
        return ReadRowsAsync(keys, time, request, row, 1, cancellationToken);
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
    public ValueTask<FeatureReadStatus> ReadManyAsync(ReadOnlyMemory<EntityKey> keys, DateTime time, Memory<float> rows, CancellationToken cancellationToken = default) =>
        ReadManyAsync(keys, time, default, rows, cancellationToken);

    /// <summary>Reads many rows of a service whose on-demand views need numbers from the request.</summary>
    /// <param name="keys">The keys of the first row, then those of the second, and so on.</param>
    /// <param name="time">The requests' time, UTC.</param>
    /// <param name="requests">The numbers of the first row, then those of the second, and so on; left alone by the caller until the read has completed.</param>
    /// <param name="rows">Row-major; overwritten when the read has completed, and left alone when it is cancelled.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The worst of the rows.</returns>
    /// <exception cref="InvalidOperationException">Another read of this reader is under way.</exception>
    public ValueTask<FeatureReadStatus> ReadManyAsync(ReadOnlyMemory<EntityKey> keys, DateTime time, ReadOnlyMemory<float> requests, Memory<float> rows, CancellationToken cancellationToken = default)
    {
        var count = RowsOf(keys.Length, rows.Length);
        Check(keys.Length, requests.Length, rows.Length, count);
        return ReadRowsAsync(keys, time, requests, rows, count, cancellationToken);
    }

    private ValueTask<FeatureReadStatus> ReadRowsAsync(ReadOnlyMemory<EntityKey> keys, DateTime time, ReadOnlyMemory<float> requests, Memory<float> rows, int count, CancellationToken cancellationToken)
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
                return new ValueTask<FeatureReadStatus>(Take(time, requests.Span, rows.Span, count));
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

        return WaitAsync(keys, time, requests, rows, count, begin, cancellationToken);
    }

    private bool AskAgainInEpoch(ReadOnlySpan<EntityKey> keys, long micros, ref long begin)
    {
        _context.BeginUnsafe();
        try
        {
            return AskAgain(keys, micros, ref begin);
        }
        finally
        {
            _context.EndUnsafe();
        }
    }

    private async ValueTask<FeatureReadStatus> WaitAsync(ReadOnlyMemory<EntityKey> keys, DateTime time, ReadOnlyMemory<float> requests, Memory<float> rows, int count, long begin, CancellationToken cancellationToken)
    {
        try
        {
            do
            {
                await _session.CompletePendingAsync(waitForCommit: false, cancellationToken).ConfigureAwait(false);
            }
            while (AskAgainInEpoch(keys.Span, FeatureTime.Micros(time), ref begin));
            _unfinished = false;
            return Take(time, requests.Span, rows.Span, count);
        }
        finally
        {
            _waiting = false;
            _busy = false;
        }
    }
}
