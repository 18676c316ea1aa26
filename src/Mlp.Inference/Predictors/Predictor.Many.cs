using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Mlp.Core;

namespace Mlp.Inference;

/// <content>Many rows.</content>
public sealed partial class Predictor<TIn, TOut>
{
    /// <summary>Predicts rows and gives the answers in their order, each as soon as it and those before it are there.</summary>
    /// <param name="rows">The rows; at most <see cref="PredictorOptions.InFlightMax"/> are on their way at once, fewer where they fill the queue.</param>
    /// <param name="options">Deadline of each row.</param>
    /// <param name="cancellationToken">Frees the rows' places.</param>
    /// <exception cref="MlpException">The first row's that failed; see <see cref="HostedModel"/>.</exception>
    public async IAsyncEnumerable<TOut> PredictManyAsync(IReadOnlyList<TIn> rows, RequestOptions options = default, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pending = new Queue<ValueTask<TOut>>(Math.Min(rows.Count, _options.InFlightMax));
        try
        {
            for (var next = 0; next < rows.Count || pending.Count > 0;)
            {
                while (next < rows.Count && pending.Count < _options.InFlightMax)
                {
                    var sent = PredictAsync(rows[next], options, stop.Token);
                    if (pending.Count > 0 && WasRefused(ref sent))
                    {
                        // The rows do not fail because they fill the queue themselves: an answer first, then this one again.
                        break;
                    }

                    next++;
                    pending.Enqueue(sent);
                }

                yield return await pending.Dequeue().ConfigureAwait(false);
            }
        }
        finally
        {
            await EndAsync(stop, pending).ConfigureAwait(false);
        }
    }

    /// <summary>Predicts rows as they come and gives the answers in their order, each as soon as it and those before it are there.</summary>
    /// <param name="rows">The rows; at most <see cref="PredictorOptions.InFlightMax"/> are taken before their answers are, fewer where they fill the queue.</param>
    /// <param name="options">Deadline of each row.</param>
    /// <param name="cancellationToken">Frees the rows' places and stops the source.</param>
    /// <exception cref="MlpException">The first row's that failed; see <see cref="HostedModel"/>. What the source throws comes after the answers before it.</exception>
    public async IAsyncEnumerable<TOut> PredictManyAsync(IAsyncEnumerable<TIn> rows, RequestOptions options = default, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sent = Channel.CreateBounded<ValueTask<TOut>>(new BoundedChannelOptions(_options.InFlightMax) { SingleReader = true, SingleWriter = true });
        using var own = new RowsOnTheirWay();
        var sending = SendAsync(rows, sent.Writer, own, options, stop.Token);
        try
        {
            while (await sent.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
            {
                while (sent.Reader.TryRead(out var next))
                {
                    var answer = await next.ConfigureAwait(false);
                    own.Answered();
                    yield return answer;
                }
            }

            // All answers were given; now comes what the source ended with.
            await sending.ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)sending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var pending = new Queue<ValueTask<TOut>>();
            while (sent.Reader.TryRead(out var left))
            {
                pending.Enqueue(left);
            }

            await EndAsync(stop, pending).ConfigureAwait(false);
        }
    }

    private async Task SendAsync(IAsyncEnumerable<TIn> rows, ChannelWriter<ValueTask<TOut>> sent, RowsOnTheirWay own, RequestOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var row in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                // The place first: what is sent is then always read, by the caller or at the end.
                var isOpen = await sent.WaitToWriteAsync(cancellationToken).ConfigureAwait(false);
                var isOther = own.Begin();
                var prediction = PredictAsync(in row, options, cancellationToken);
                while (isOther && WasRefused(ref prediction))
                {
                    await own.NextAnswerAsync(cancellationToken).ConfigureAwait(false);
                    isOther = own.Begin();
                    prediction = PredictAsync(in row, options, cancellationToken);
                }

                own.Sent();
                if (!isOpen || !sent.TryWrite(prediction))
                {
                    throw new InvalidOperationException("The rows' channel was closed while rows came.");
                }
            }
        }
        finally
        {
            sent.Complete();
        }
    }

    // Another failure stays where it was, for who awaits it.
    private static bool WasRefused(ref ValueTask<TOut> prediction)
    {
        if (!prediction.IsFaulted)
        {
            return false;
        }

        try
        {
            prediction = ValueTask.FromResult(prediction.GetAwaiter().GetResult());
            return false;
        }
        catch (MlpException e) when (e.Code == InferenceErrors.Overloaded)
        {
            return true;
        }
        catch (Exception e)
        {
            prediction = ValueTask.FromException<TOut>(e);
            return false;
        }
    }

    // Every prediction is waited for, so that none of them holds its memory or its place for ever.
    private static async Task EndAsync(CancellationTokenSource stop, Queue<ValueTask<TOut>> pending)
    {
        if (pending.Count > 0)
        {
            await stop.CancelAsync().ConfigureAwait(false);
        }

        while (pending.TryDequeue(out var left))
        {
            await ((Task)left.AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
