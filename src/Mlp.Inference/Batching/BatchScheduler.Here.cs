using System.Diagnostics.CodeAnalysis;
using Mlp.Core;

namespace Mlp.Inference;

/// <content>How one row is run on its caller's thread. It is a request in a batch like any other: whatever ends those ends this one too.</content>
internal sealed partial class BatchScheduler
{
    /// <summary>Runs one row on the caller's thread if an instance is idle and nobody waits.</summary>
    /// <returns>Whether it did.</returns>
    public bool TryRunHere(ReadOnlySpan<float> row, Span<float> output, int outputIndex, out bool isClosed, out PredictionRequest? ended)
    {
        var answer = new FloatAnswer(output, outputIndex);
        return TryRunHere(new SpanRows(row, row.Length), ref answer, default, isJudged: false, CancellationToken.None, out isClosed, out ended);
    }

    /// <summary>Runs one row with all outputs on the caller's thread, likewise.</summary>
    /// <param name="rows">The row, and where its outputs go.</param>
    /// <param name="options">Deadline.</param>
    /// <param name="cancellationToken">Ends the run, where the runtime can.</param>
    /// <param name="ended">The request, where it ended otherwise than by its run: who awaits it gets the error.</param>
    public bool TryRunHere(TensorRows rows, RequestOptions options, CancellationToken cancellationToken, out PredictionRequest? ended)
    {
        var answer = new TensorAnswer(rows);
        return TryRunHere(new TensorRowsSource(rows, 0), ref answer, options, isJudged: true, cancellationToken, out _, out ended);
    }

    private bool TryRunHere<TSource, TAnswer>(TSource source, ref TAnswer answer, RequestOptions options, bool isJudged, CancellationToken cancellationToken, out bool isClosed, out PredictionRequest? ended)
        where TSource : IRowSource, allows ref struct
        where TAnswer : IAnswer, allows ref struct
    {
        isClosed = false;
        ended = null;
        CheckPriority(options);
        if (cancellationToken.IsCancellationRequested)
        {
            throw Explain(Refusal.Canceled, options.Priority, cancellationToken);
        }

        var deadlineAt = DeadlineAt(options, out var deadline);
        if (deadlineAt != 0 && _time.GetTimestamp() >= deadlineAt)
        {
            _metrics.Late();
            throw InferenceErrors.Late(_metrics.Model, deadline);
        }

        if (!_permit.TryEnter())
        {
            return false;
        }

        var request = RequestPool.Rent();
        request.Begin(this, default, deadline, deadlineAt, enqueuedAt: 0);
        if (!TryTakeHere(request, out var instance, out isClosed))
        {
            _permit.Exit(0);
            request.GiveUp();
            return false;
        }

        if (deadlineAt != 0)
        {
            _watch.Start();
        }

        if (!RunHere(instance, request, source, ref answer, isJudged, cancellationToken, out var failure))
        {
            ended = request;
            return true;
        }

        request.GiveUp();
        return failure is null ? true : throw failure;
    }

    private bool TryTakeHere(PredictionRequest request, [NotNullWhen(true)] out BatchInstance? instance, out bool isClosed)
    {
        instance = null;
        lock (_gate)
        {
            isClosed = _closing;
            if (!_closing && _idleCount > 0 && _queue.TakeFree(request) is { } batch)
            {
                instance = _idle[--_idleCount];
                instance.Running = batch;
            }
        }

        return instance is not null;
    }

    // False where something else ended the request first.
    private bool RunHere<TSource, TAnswer>(BatchInstance instance, PredictionRequest request, TSource source, ref TAnswer answer, bool isJudged, CancellationToken cancellationToken, out MlpException? failure)
        where TSource : IRowSource, allows ref struct
        where TAnswer : IAnswer, allows ref struct
    {
        var (batch, stamp) = (instance.Running!, request.Stamp);
        var startedAt = _permit.Now;
        Exception? error = null;
        try
        {
            request.CancelWith(cancellationToken);
            source.Write(new RowSlot(batch.Memory, 0, 1));
            if (request.IsOpen(stamp))
            {
                RunTimed(instance.Session, batch.Memory, 1, isJudged);

                // Its caller stands here: nobody else looks at what is written now, even if the request ended meanwhile.
                answer.Take(batch.Memory);
            }
        }
        catch (Exception e)
        {
            // Whatever a runtime throws: the instance has to come back first.
            error = e;
        }

        _permit.Exit(startedAt);
        failure = null;
        if (!EndHere(instance, batch, request, stamp))
        {
            return false;
        }

        if (error is null)
        {
            _metrics.Answered(1);
        }
        else
        {
            _metrics.Failed(1);
            failure = InferenceErrors.Failed(_metrics.Model, error);
        }

        return true;
    }

    // Gives the instance back as well. False where something else ended the request.
    private bool EndHere(BatchInstance instance, Batch batch, PredictionRequest request, int stamp)
    {
        BatchInstance? woken;
        bool isWon, release;
        lock (_gate)
        {
            instance.Running = null;
            isWon = request.TryEnd(stamp);
            if (!isWon)
            {
                // Only a run that nobody waits for is canceled, and from here on nobody means this one.
                instance.Session.Reset();
            }

            _queue.ReleaseRun(batch);
            _idle[_idleCount++] = instance;
            woken = Wake(NowForDelay);
            release = MayRelease();
        }

        woken?.Schedule(preferLocal: false);
        ReleaseIf(release);
        return isWon;
    }
}
