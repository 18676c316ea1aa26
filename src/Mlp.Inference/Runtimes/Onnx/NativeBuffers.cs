using System.Buffers;
using Microsoft.ML.OnnxRuntime;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>The buffers of one batch in native memory, such as a GPU copies from without a detour. They go back once, before their source does.</summary>
internal sealed class NativeBuffers(IBufferSource source) : IDisposable
{
    private readonly List<NativeBuffer> _taken = [];
    private bool _isDisposed;

    /// <summary>A zeroed buffer, aligned to 64 bytes; of the process's own memory where the source's is not aligned.</summary>
    public Memory<byte> Take(int bytes)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (bytes == 0)
        {
            return Memory<byte>.Empty;
        }

        var (address, held) = source.Take(bytes);
        if (address % AlignedMemory.AlignmentBytes != 0)
        {
            held.Dispose();
            return AlignedMemory.Allocate<byte>(bytes);
        }

        var buffer = new NativeBuffer(address, bytes, held, source.Info);
        _taken.Add(buffer);
        buffer.GetSpan().Clear();
        return buffer.Memory;
    }

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        foreach (var buffer in _taken)
        {
            ((IDisposable)buffer).Dispose();
        }

        source.Dispose();
    }
}

/// <summary>Native memory as <see cref="Memory{T}"/>.</summary>
internal sealed class NativeBuffer(nint address, int bytes, IDisposable held, OrtMemoryInfo info) : MemoryManager<byte>
{
    private bool _isDisposed;

    public nint Address => address;

    public OrtMemoryInfo Info => info;

    public override unsafe Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return new Span<byte>((void*)address, bytes);
    }

    // It never moves.
    public override unsafe MemoryHandle Pin(int elementIndex = 0)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)bytes, nameof(elementIndex));
        return new MemoryHandle((byte*)address + elementIndex);
    }

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isDisposed)
        {
            _isDisposed = true;
            held.Dispose();
        }
    }
}
