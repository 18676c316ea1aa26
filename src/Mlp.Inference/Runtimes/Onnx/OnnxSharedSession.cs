using Microsoft.ML.OnnxRuntime;

namespace Mlp.Inference;

/// <summary>A native session on which several prepared models run. It goes with the last of them: one of them may hang while the others are let go.</summary>
internal sealed class OnnxSharedSession(InferenceSession session)
{
    private int _owners;

    public InferenceSession Session => session;

    /// <summary>Counts an owner. Called while there is another one, or before the first.</summary>
    public void Take() => Interlocked.Increment(ref _owners);

    public void LetGo()
    {
        if (Interlocked.Decrement(ref _owners) == 0)
        {
            session.Dispose();
            NativeHeap.GiveBack();
        }
    }
}
