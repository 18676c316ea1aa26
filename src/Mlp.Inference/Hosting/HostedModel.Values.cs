using Mlp.Core;

namespace Mlp.Inference;

/// <content>Values of any form.</content>
public sealed partial class HostedModel
{
    /// <summary>
    /// Runs the model on values of whatever types, shapes and forms it has: tensors of any element type, strings, sequences and maps. Rows of a
    /// model that takes rows share batches with those of other callers, and so do calls of one length bucket; else a run answers this call alone.
    /// </summary>
    /// <param name="inputs">By name; not to be touched until the answer is there.</param>
    /// <param name="options">Deadline.</param>
    /// <param name="cancellationToken">Frees the call's place.</param>
    /// <exception cref="MlpException">See the other calls; <see cref="ErrorCodes.TensorMismatch"/>: an input is missing, unknown, or of another type, shape or form.</exception>
    public async ValueTask<ModelAnswer> RunAsync(IReadOnlyDictionary<string, ModelValue> inputs, RequestOptions options = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var values = CallValues.InOrder(inputs, Signature, isWhole: !Layout.IsBatched && Origin.Options.Buckets is null);
        if (!Layout.IsBatched)
        {
            using var call = new ValuesCall(values);
            var version = await SendAsync(call, options, cancellationToken).ConfigureAwait(false);
            return new ModelAnswer(Signature, call.Answer(version), version.Version);
        }

        using var rows = CallValues.ToRows(values, Layout);
        await InferAsync(rows, options, cancellationToken).ConfigureAwait(false);
        return new ModelAnswer(Signature, CallValues.OfRows(rows), rows.Version);
    }
}
