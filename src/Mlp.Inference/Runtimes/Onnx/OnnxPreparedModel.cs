using Microsoft.ML.OnnxRuntime;

namespace Mlp.Inference;

/// <summary>One native session, which many threads may run at once; what differs between them are the bound buffers.</summary>
internal sealed class OnnxPreparedModel(InferenceSession session, ModelLayout layout, string runtime, string reason, bool? batches, bool isShared = false) : IPreparedModel
{
    public string Runtime => runtime;

    public string Reason => reason;

    public ModelLayout Layout => layout;

    // A file that fixes its rows runs that many, filled up or not.
    public IReadOnlyList<int> BatchSizes(int rowsMax) => layout.BatchRows > 0 ? [layout.BatchRows] : OnnxBatchSizes.UpTo(rowsMax);

    public IPreparedModel? ForRows(ModelLayout rows) => new OnnxPreparedModel(session, OnnxTrial.Resolve(session, rows, batches != true, CancellationToken.None), runtime, reason, batches, isShared: true);

    public ModelMemory CreateMemory(int rowsMax) => layout.IsBatched ? new OnnxModelMemory(session, layout, BatchSizes(rowsMax), rowsMax) : new ModelMemory(layout, rowsMax);

    public IModelSession CreateSession(int rowsMax) => layout.IsBatched ? new OnnxModelSession(session) : new OnnxCallSession(session, layout.Signature);

    public void Dispose()
    {
        if (!isShared)
        {
            session.Dispose();
            NativeHeap.GiveBack();
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
