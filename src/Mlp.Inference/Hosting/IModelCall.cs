using Mlp.Core;

namespace Mlp.Inference;

/// <summary>A request that one version answers. Struct calls make the sending a method of their own each: no virtual call, nothing allocated.</summary>
internal interface IModelCall
{
    int Rows { get; }

    /// <summary>Hands the call to a version; what it is refused for is thrown, here or by <paramref name="answered"/>.</summary>
    /// <returns>False where the version is closed and took nothing.</returns>
    bool TryStart(ModelVersion version, RequestOptions options, CancellationToken cancellationToken, out ValueTask answered);
}

/// <summary>One row with all outputs. It is never split: it needs none of what keeps parts together.</summary>
internal readonly struct RowCall(TensorRows rows) : IModelCall
{
    public int Rows => 1;

    public bool TryStart(ModelVersion version, RequestOptions options, CancellationToken cancellationToken, out ValueTask answered)
    {
        if (options.RunsHere && version.Batcher.TryInferHere(rows, options, cancellationToken, out var ended))
        {
            // Canceled, late, or the model was unloaded: the await throws that.
            answered = ended is null ? default : new ValueTask(ended, ended.Version);
            return true;
        }

        return version.Batcher.TrySend(new TensorRowsSource(rows, 0), new ResultTarget { All = rows }, options, cancellationToken, out answered);
    }
}

/// <summary>Any number of rows.</summary>
internal readonly struct BlockCall<TBlock>(TBlock block) : IModelCall
    where TBlock : struct, IRowBlock
{
    public int Rows => block.Rows;

    public bool TryStart(ModelVersion version, RequestOptions options, CancellationToken cancellationToken, out ValueTask answered) =>
        version.Batcher.TrySendMany(block, options, cancellationToken, out answered);
}

/// <summary>Values that are no rows of the model's own: they become those of a length bucket, or are run as they are.</summary>
internal sealed class ValuesCall(ModelValue[] values, DeviceCall? device) : IModelCall, IDisposable
{
    private WholeAnswer? _whole;
    private Bucket? _bucket;
    private TensorRows? _rows;
    private int _length;

    public int Rows => 1;

    public bool TryStart(ModelVersion version, RequestOptions options, CancellationToken cancellationToken, out ValueTask answered)
    {
        // What was filled in for a version that took nothing.
        Dispose();
        if (device is not null && !version.TakesDeviceTensors)
        {
            throw new MlpException(InferenceErrors.Unsupported, $"{version.Runtime} takes no memory of a device; RuntimeChoice.OnnxRuntime does.");
        }

        _bucket = device is null ? version.Buckets?.Find(values, out _length) : null;
        if (_bucket is not null)
        {
            _rows = version.Buckets!.Fill(_bucket, values, _length);
            return _bucket.Batcher.TrySendMany(new TensorBlock(_rows), options, cancellationToken, out answered);
        }

        _whole = new WholeAnswer();
        return version.Batcher.TrySend(new WholeCall(values, device), new ResultTarget { Whole = _whole }, options, cancellationToken, out answered);
    }

    /// <summary>The answer of the version that took the call last.</summary>
    public IReadOnlyList<ModelValue> Answer(ModelVersion version) => _bucket is null ? _whole!.Values : version.Buckets!.Cut(_bucket, _rows!, _length);

    public void Dispose()
    {
        _rows?.Dispose();
        _rows = null;
    }
}
