using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Mlp.Inference;

/// <summary>Sends a request of many rows in parts of at most a batch, a few at a time, and waits for all of them.</summary>
internal static class ManyRows
{
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public static async ValueTask SendAsync<TBlock>(BatchScheduler scheduler, TBlock block, RequestOptions options, CancellationToken cancellationToken)
        where TBlock : struct, IRowBlock
    {
        scheduler.CheckPriority(options);

        // As many parts as can run, and one to follow: more would only take the queue from others.
        var parts = new Queue<ValueTask>(scheduler.InstanceCount + 1);
        var deadlineAt = scheduler.DeadlineAt(options, out var deadline);
        Exception? failure = null;
        var next = 0;
        while (next < block.Rows || parts.Count > 0)
        {
            if (failure is null && next < block.Rows && parts.Count <= scheduler.InstanceCount)
            {
                var request = block.SendPart(scheduler, next, Math.Min(scheduler.BatchRowsMax, block.Rows - next), options.Priority, deadline, deadlineAt, cancellationToken, out var refusal);
                if (request is not null)
                {
                    next += request.Rows;
                    parts.Enqueue(new ValueTask(request, request.Version));
                    continue;
                }

                // A request does not fail because its own parts fill the queue.
                if (refusal != Refusal.QueueFull || parts.Count == 0)
                {
                    failure = scheduler.Explain(refusal, options.Priority, cancellationToken);
                }
            }

            if (parts.TryDequeue(out var part))
            {
                // Also after a failure every part is waited for: they still may write into the caller's memory.
                try
                {
                    await part.ConfigureAwait(false);
                }
                catch (Exception e)
                {
                    failure ??= e;
                }
            }
            else if (failure is not null)
            {
                break;
            }
        }

        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }
}
