using Microsoft.ML.OnnxRuntime;

namespace Mlp.Inference;

/// <summary>One native session, which many threads may run at once; what differs between them are the bound buffers.</summary>
internal sealed class OnnxPreparedModel : IPreparedModel
{
    private readonly OnnxSharedSession _shared;
    private readonly InferenceSession _session;
    private readonly bool? _batches;
    private readonly Func<InferenceSession, IBufferSource?>? _openBuffers;
    private int _isDisposed;

    public OnnxPreparedModel(InferenceSession session, ModelLayout layout, string runtime, string reason, bool? batches, Func<InferenceSession, IBufferSource?>? openBuffers)
        : this(new OnnxSharedSession(session), layout, runtime, reason, batches, openBuffers)
    {
    }

    private OnnxPreparedModel(OnnxSharedSession shared, ModelLayout layout, string runtime, string reason, bool? batches, Func<InferenceSession, IBufferSource?>? openBuffers)
    {
        _openBuffers = openBuffers;
        shared.Take();
        _shared = shared;
        _session = shared.Session;
        _batches = batches;
        Layout = layout;
        Runtime = runtime;
        Reason = reason;
    }

    public string Runtime { get; }

    public string Reason { get; }

    public ModelLayout Layout { get; }

    public bool TakesDeviceTensors => true;

    // A file that fixes its rows runs that many, filled up or not.
    public IReadOnlyList<int> BatchSizes(int rowsMax) => Layout.BatchRows > 0 ? [Layout.BatchRows] : OnnxBatchSizes.UpTo(rowsMax);

    public IPreparedModel? ForRows(ModelLayout rows, CancellationToken cancellationToken)
    {
        try
        {
            return new OnnxPreparedModel(_shared, OnnxTrial.Resolve(_session, rows, _batches != true, cancellationToken), Runtime, Reason, _batches, _openBuffers);
        }
        catch (OnnxRuntimeException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    public ModelMemory CreateMemory(int rowsMax)
    {
        if (!Layout.IsBatched)
        {
            return new ModelMemory(Layout, rowsMax);
        }

        var buffers = _openBuffers?.Invoke(_session) is { } source ? new NativeBuffers(source) : null;
        try
        {
            return new OnnxModelMemory(_session, Layout, BatchSizes(rowsMax), rowsMax, bindsOnce: _openBuffers is null, buffers);
        }
        catch
        {
            buffers?.Dispose();
            throw;
        }
    }

    public IModelSession CreateSession(int rowsMax) => Layout.IsBatched ? new OnnxModelSession(_session) : new OnnxCallSession(_shared, Layout.Signature);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _shared.LetGo();
        }
    }
}

internal sealed class OnnxModelSession(InferenceSession session) : IModelSession
{
    private readonly OnnxRun _run = new();

    public void Run(ModelMemory memory, int rows) => ((OnnxModelMemory)memory).Run(session, _run.Options, rows);

    public void Cancel() => _run.Cancel();

    public void Reset() => _run.Reset();

    public void Dispose() => _run.Dispose();
}
