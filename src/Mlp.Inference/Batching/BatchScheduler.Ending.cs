using Mlp.Core;

namespace Mlp.Inference;

/// <content>How requests end without an answer: cancellation, deadlines, disposal.</content>
internal sealed partial class BatchScheduler
{
    /// <summary>Ends a request whose caller no longer wants it.</summary>
    public void Cancel(PredictionRequest request, CancellationToken token)
    {
        bool release;
        lock (_gate)
        {
            if (!request.TryEnd(request.Stamp))
            {
                return;
            }

            // Whoever wins this end under the lock finds the request in its batch, waiting or running.
            if (request.Batch!.IsWaiting)
            {
                _queue.Remove(request);
            }
            else
            {
                CancelUnwanted(request.Batch);
            }

            release = MayRelease();
        }

        _metrics.Canceled();
        request.SetError(new OperationCanceledException(token));
        request.FinishElsewhere();
        ReleaseIf(release);
    }

    public async ValueTask DisposeAsync()
    {
        bool release;
        BatchInstance? woken;
        lock (_gate)
        {
            _closing = true;
            _queue.IsClosing = true;
            woken = Wake(NowForDelay);
            release = MayRelease();
        }

        woken?.Schedule(preferLocal: false);
        ReleaseIf(release);
        try
        {
            await _drained.Task.WaitAsync(_options.DrainTimeout, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // A model that hangs keeps its memory until it comes back; its callers get an answer now.
            lock (_gate)
            {
                var error = InferenceErrors.IsClosed(_metrics.Model);
                _queue.EndWaiting(long.MaxValue, _ => error);
                EndRunning(long.MaxValue, _ => error);
                release = MayRelease();
            }

            ReleaseIf(release);
        }
    }

    // The watch's look, now and then while there is work: deadlines that passed, and callers' code that holds an instance.
    private void Look()
    {
        var now = _time.GetTimestamp();
        bool release;
        lock (_gate)
        {
            EndLateWaiting();
            EndRunning(now, _late);
            release = MayRelease();
        }

        ReleaseIf(release);
        foreach (var instance in _instances)
        {
            instance.TakeOverIfStuck(now, TimeSpan.FromMilliseconds(_options.ContinuationMsMax));
        }
    }

    private void EndLateWaiting()
    {
        if (_queue.HasDeadlines)
        {
            _queue.EndWaiting(_time.GetTimestamp(), _late);
        }
    }

    private void EndRunning(long now, Func<PredictionRequest, Exception> error)
    {
        foreach (var instance in _instances)
        {
            var ended = false;
            foreach (var slot in instance.Running is { } batch ? batch.Slots : [])
            {
                if (slot.Request is { } request && request.IsLate(now) && request.TryEnd(slot.Stamp))
                {
                    request.SetError(error(request));
                    request.FinishElsewhere();
                    ended = true;
                }
            }

            if (ended)
            {
                CancelUnwanted(instance.Running!);
            }
        }
    }

    // A run that nobody waits for is ended, where the runtime can: the core is free for others, and a model that hangs comes back. Under
    // the lock, so that the run is the one that is meant.
    private void CancelUnwanted(Batch batch)
    {
        foreach (var slot in batch.Slots)
        {
            if (slot.Request is { } request && request.IsOpen(slot.Stamp))
            {
                return;
            }
        }

        foreach (var instance in _instances)
        {
            if (instance.Running == batch)
            {
                instance.Session.Cancel();
            }
        }
    }

    private MlpException Late(PredictionRequest request)
    {
        _metrics.Late();
        return InferenceErrors.Late(_metrics.Model, request.Deadline);
    }
}
