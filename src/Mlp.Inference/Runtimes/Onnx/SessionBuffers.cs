using Microsoft.ML.OnnxRuntime;

namespace Mlp.Inference;

/// <summary>Gives native memory of one kind.</summary>
internal interface IBufferSource : IDisposable
{
    /// <summary>The kind.</summary>
    OrtMemoryInfo Info { get; }

    /// <summary>Takes memory; it goes back when <c>Held</c> is disposed, before the source is.</summary>
    (nint Address, IDisposable Held) Take(int bytes);
}

/// <summary>A session's own allocator for a kind of memory.</summary>
internal sealed class SessionBuffers : IBufferSource
{
    private readonly OrtAllocator _allocator;

    private SessionBuffers(OrtMemoryInfo info, OrtAllocator allocator)
    {
        Info = info;
        _allocator = allocator;
    }

    public OrtMemoryInfo Info { get; }

    /// <summary>Finds the allocator.</summary>
    /// <returns>Null where the session has none; <paramref name="why"/> is what ONNX Runtime said.</returns>
    public static SessionBuffers? Open(InferenceSession session, DeviceMemory memory, out string why)
    {
        OrtMemoryInfo? info = null;
        try
        {
            info = InfoOf(memory);
            why = "";
            return new SessionBuffers(info, new OrtAllocator(session, info));
        }
        catch (OnnxRuntimeException e)
        {
            info?.Dispose();
            why = e.Message;
            return null;
        }
    }

    /// <exception cref="OnnxRuntimeException">ONNX Runtime knows no such memory.</exception>
    public static OrtMemoryInfo InfoOf(DeviceMemory memory) => new(
        memory.Kind,
        OrtAllocatorType.DeviceAllocator,
        memory.DeviceId,
        memory.Kind == DeviceMemory.CudaPinned().Kind ? OrtMemType.CpuOutput : OrtMemType.Default);

    public (nint Address, IDisposable Held) Take(int bytes)
    {
        var allocation = _allocator.Allocate((uint)bytes);

        // A host that is forgotten rather than disposed loses the memory: finalisers run in any order, and this one might find its allocator gone.
#pragma warning disable CA1816 // Not this object's own finaliser.
        GC.SuppressFinalize(allocation);
#pragma warning restore CA1816
        return (allocation.DangerousGetHandle(), allocation);
    }

    public void Dispose()
    {
        _allocator.Dispose();
        Info.Dispose();
    }
}
