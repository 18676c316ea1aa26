using Mlp.Inference;

namespace Mlp.AspNetCore;

/// <summary>An inference request, read and checked against the model.</summary>
internal sealed class InferRequest(TensorRows rows) : IDisposable
{
    public string? Id { get; init; }

    public TensorRows Rows => rows;

    /// <summary>Indices of the outputs to answer with, in the order of the answer.</summary>
    public required IReadOnlyList<int> Outputs { get; init; }

    public RequestOptions Options { get; init; }

    public void Dispose() => rows.Dispose();
}
