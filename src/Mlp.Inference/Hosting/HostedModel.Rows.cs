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

        var version = rows.Rows == 1
            ? await SendAsync(new RowCall(rows), options, cancellationToken).ConfigureAwait(false)
            : await SendAsync(new BlockCall<TensorBlock>(new TensorBlock(rows)), options, cancellationToken).ConfigureAwait(false);
        rows.Version = version.Version;
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
