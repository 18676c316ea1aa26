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
        if (Array.Exists(values, static value => value is DeviceTensor))
        {
            return await RunOnDeviceAsync(values, new DeviceTensor?[Signature.Outputs.Length], options, cancellationToken).ConfigureAwait(false);
        }

        if (!Layout.IsBatched)
        {
            return await RunWholeAsync(values, device: null, options, cancellationToken).ConfigureAwait(false);
        }

        using var rows = CallValues.ToRows(values, Layout);
        await InferAsync(rows, options, cancellationToken).ConfigureAwait(false);
        return new ModelAnswer(Signature, CallValues.OfRows(rows), rows.Version);
    }

    /// <summary>
    /// Runs the model and has some of its outputs put where the caller says, on a device or not; others come back as a copy. For models whose calls
    /// are run one at a time: those that take rows, with <see cref="HostedModelOptions.Batches"/> false. When the call ends, in whatever way, nothing of it touches
    /// the caller's memory any more; a cancelled one ends when its run does.
    /// </summary>
    /// <param name="inputs">By name; not to be touched until the answer is there.</param>
    /// <param name="outputs">By name; of exactly the shape that the model gives. The answer has them as they are.</param>
    /// <param name="options">Deadline.</param>
    /// <param name="cancellationToken">Frees the call's place.</param>
    /// <exception cref="MlpException">See the other overload; <see cref="InferenceErrors.Unsupported"/>: the model takes rows, its runtime takes no such tensors, or it has no such memory.</exception>
    public ValueTask<ModelAnswer> RunAsync(
        IReadOnlyDictionary<string, ModelValue> inputs,
        IReadOnlyDictionary<string, DeviceTensor> outputs,
        RequestOptions options = default,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        var values = CallValues.InOrder(inputs, Signature, isWhole: !Layout.IsBatched);
        return RunOnDeviceAsync(values, CallValues.OutputsInOrder(outputs, Signature), options, cancellationToken);
    }

    private async ValueTask<ModelAnswer> RunOnDeviceAsync(ModelValue[] values, DeviceTensor?[] outputs, RequestOptions options, CancellationToken cancellationToken)
    {
        if (Layout.IsBatched)
        {
            throw new MlpException(InferenceErrors.Unsupported, $"The model {Signature} takes rows, which share batches in the host's memory. Load it with HostedModelOptions.Batches = false to give it memory of a device.");
        }

        var device = new DeviceCall(outputs);
        try
        {
            return await RunWholeAsync(values, device, options, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await device.LetGoAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask<ModelAnswer> RunWholeAsync(ModelValue[] values, DeviceCall? device, RequestOptions options, CancellationToken cancellationToken)
    {
        using var call = new ValuesCall(values, device);
        var version = await SendAsync(call, options, cancellationToken).ConfigureAwait(false);
        return new ModelAnswer(Signature, call.Answer(version), version.Version);
    }
}
