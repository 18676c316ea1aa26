namespace Mlp.Inference;

/// <summary>Why a request was not accepted.</summary>
internal enum Refusal
{
    None,
    Closed,
    QueueFull,
    Canceled,
}
