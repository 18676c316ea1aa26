using System.Buffers;

namespace Mlp.AspNetCore;

/// <summary>An answer's body before it is sent, so that its length can stand in front of it. One is kept for each thread.</summary>
internal sealed class BodyBuffer : IBufferWriter<byte>
{
    // What is larger was an exception and is not kept.
    private const int KeptBytesMax = 1 << 20;

    [ThreadStatic]
    private static BodyBuffer? _kept;

    private byte[] _bytes = new byte[4096];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public static BodyBuffer Rent()
    {
        var buffer = _kept ?? new BodyBuffer();
        _kept = null;
        buffer.Length = 0;
        return buffer;
    }

    public static void Return(BodyBuffer buffer) => _kept = buffer._bytes.Length <= KeptBytesMax ? buffer : null;

    public void Advance(int count) => Length = checked(Length + count);

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _bytes.AsSpan(Length);
    }

    private void MakeRoom(int sizeHint)
    {
        var needed = checked(Length + Math.Max(1, sizeHint));
        if (needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * _bytes.Length)));
        }
    }
}
