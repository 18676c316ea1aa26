using System.Runtime.CompilerServices;
using Mlp.Core;

namespace Mlp.Inference;

/// <content>Rows with all inputs and outputs.</content>
public sealed partial class HostedModel
{
    /// <summary>Runs a request with all inputs and outputs, by one version, which it is told.</summary>
    /// <param name="rows">Of this model's <see cref="Layout"/>; not to be touched until the result is there.</param>
    /// <param name="options">Deadline of the whole.</param>
    /// <param name="cancellationToken">Frees the rows' places.</param>
    /// <exception cref="MlpException">See the other overloads; <see cref="ErrorCodes.TensorMismatch"/>: the rows have another layout.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask InferAsync(TensorRows rows, RequestOptions options = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (!Layout.Fits(rows.Layout))
        {
            throw new MlpException(ErrorCodes.TensorMismatch, $"Rows of the layout {rows.Layout.Signature} for the model {Signature}.");
        }

        rows.Version = rows.Rows == 1
            ? await InferOneAsync(rows, options, cancellationToken).ConfigureAwait(false)
            : (await SendBlockAsync(new TensorBlock(rows), options, cancellationToken).ConfigureAwait(false)).Version;
    }

    // One row is never split: it needs none of what keeps parts together.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<string> InferOneAsync(TensorRows rows, RequestOptions options, CancellationToken cancellationToken)
    {
        using var trace = Trace(1);
        try
        {
            while (true)
            {
                // A version that was swapped between the look and the call takes nothing.
                var version = Active();
                if (options.RunsHere && version.Batcher.TryInferHere(rows, options, cancellationToken, out var ended))
                {
                    if (ended is not null)
                    {
                        // Canceled, late, or the model was unloaded: throws that.
                        await new ValueTask(ended, ended.Version).ConfigureAwait(false);
                    }

                    return version.Version;
                }

                var request = version.Batcher.Send(new TensorRowsSource(rows, 0), new ResultTarget { All = rows }, options, cancellationToken, out var error);
                if (request is not null)
                {
                    await new ValueTask(request, request.Version).ConfigureAwait(false);
                    return version.Version;
                }

                if (error is not null)
                {
                    throw error;
                }
            }
        }
        catch (Exception e)
        {
            RequestTrace.Failed(trace, e);
            throw;
        }
    }

    /// <summary>Predicts a row that is written straight into its place in the next batch, with all outputs.</summary>
    /// <param name="state">Handed to <paramref name="write"/>.</param>
    /// <param name="write">Called once, before the call returns.</param>
    /// <param name="answer">One row of this model's layout, of which the outputs are filled in.</param>
    /// <param name="options">Deadline.</param>
    /// <param name="cancellationToken">Frees the row's place at any stage.</param>
    internal ValueTask InferRowAsync<TState>(TState state, RowWriter<TState> write, TensorRows answer, RequestOptions options, CancellationToken cancellationToken) =>
        SendWritten(new WrittenRow<TState>(write, state), new ResultTarget { All = answer }, options, cancellationToken);
}
