using Microsoft.ML.OnnxRuntime;

namespace Mlp.Inference;

/// <summary>One native session, which many threads may run at once; what differs between them are the bound buffers.</summary>
internal sealed class OnnxPreparedModel(InferenceSession session, ModelLayout layout) : IPreparedModel
{
    public string Runtime => "ONNX Runtime";

    public string Reason => "ONNX Runtime was asked for.";

    public ModelLayout Layout => layout;

    public IReadOnlyList<int> BatchSizes(int rowsMax) => OnnxBatchSizes.UpTo(rowsMax);

    public ModelMemory CreateMemory(int rowsMax) => new OnnxModelMemory(session, layout, rowsMax);

    public IModelSession CreateSession(int rowsMax) => new OnnxModelSession(session);

    public void Dispose() => session.Dispose();
}

internal sealed class OnnxModelSession(InferenceSession session) : IModelSession
{
    private readonly RunOptions _options = new();

    public void Run(ModelMemory memory, int rows) => session.RunWithBinding(_options, ((OnnxModelMemory)memory).Binding(rows));

    public void Dispose() => _options.Dispose();
}
