namespace Mlp.Inference;

/// <summary>What a request asks of whoever sent it.</summary>
internal interface IRequestOwner
{
    /// <summary>Ends the request because its caller no longer wants it.</summary>
    void Cancel(PredictionRequest request, CancellationToken token);

    /// <summary>Takes the request back after its use.</summary>
    void Recycle(PredictionRequest request);
}
