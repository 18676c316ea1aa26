using Microsoft.ML.OnnxRuntime;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>A native session on which several prepared models run. It goes with the last of them: one of them may hang while the others are let go.</summary>
internal sealed class OnnxSharedSession(InferenceSession session)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<DeviceMemory, OrtMemoryInfo> _memories = [];
    private int _owners;

    public InferenceSession Session => session;

    /// <summary>Counts an owner. Called while there is another one, or before the first.</summary>
    public void Take() => Interlocked.Increment(ref _owners);

    /// <summary>The native name of memory that the session can read and write.</summary>
    /// <exception cref="MlpException"><see cref="InferenceErrors.Unsupported"/>: it has none of the kind.</exception>
    public OrtMemoryInfo InfoOf(DeviceMemory memory)
    {
        lock (_gate)
        {
            if (!_memories.TryGetValue(memory, out var info))
            {
                // Who has an allocator for it can use it, and nobody else.
                using var buffers = SessionBuffers.Open(session, memory, out var why) ?? throw new MlpException(
                    InferenceErrors.Unsupported,
                    $"The model's session has no memory {memory}: {why} OnnxRuntimeOptions.Provider and its device_id choose the device that it runs on.");
                _memories[memory] = info = SessionBuffers.InfoOf(memory);
            }

            return info;
        }
    }

    public void LetGo()
    {
        if (Interlocked.Decrement(ref _owners) == 0)
        {
            foreach (var memory in _memories.Values)
            {
                memory.Dispose();
            }

            session.Dispose();
            NativeHeap.GiveBack();
        }
    }
}
