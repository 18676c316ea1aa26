using FASTER.core;

namespace Mlp.Features.Tests.Scenarios;

/// <summary>A disk that becomes full: from a write on, each fails, the first after half of its bytes.</summary>
/// <param name="files">The disk.</param>
/// <param name="writes">How many writes succeed.</param>
internal sealed class FailingDevice(IDevice files, int writes) : IDevice
{
    private const uint DiskFull = 112;
    private int _left = writes;

    public uint SectorSize => files.SectorSize;

    public string FileName => files.FileName;

    public long Capacity => files.Capacity;

    public long SegmentSize => files.SegmentSize;

    public int StartSegment => files.StartSegment;

    public int EndSegment => files.EndSegment;

    public int ThrottleLimit
    {
        get => files.ThrottleLimit;
        set => files.ThrottleLimit = value;
    }

    public void Initialize(long segmentSize, LightEpoch? epoch = null, bool omitSegmentIdFromFilename = false) => files.Initialize(segmentSize, epoch, omitSegmentIdFromFilename);

    public bool TryComplete() => files.TryComplete();

    public bool Throttle() => files.Throttle();

    public void WriteAsync(nint sourceAddress, int segmentId, ulong destinationAddress, uint numBytesToWrite, DeviceIOCompletionCallback callback, object context) =>
        Write(numBytesToWrite, callback, context, (bytes, done) => files.WriteAsync(sourceAddress, segmentId, destinationAddress, bytes, done, context));

    public void ReadAsync(int segmentId, ulong sourceAddress, nint destinationAddress, uint readLength, DeviceIOCompletionCallback callback, object context) =>
        files.ReadAsync(segmentId, sourceAddress, destinationAddress, readLength, callback, context);

    public void WriteAsync(nint alignedSourceAddress, ulong alignedDestinationAddress, uint numBytesToWrite, DeviceIOCompletionCallback callback, object context) =>
        Write(numBytesToWrite, callback, context, (bytes, done) => files.WriteAsync(alignedSourceAddress, alignedDestinationAddress, bytes, done, context));

    public void ReadAsync(ulong alignedSourceAddress, nint alignedDestinationAddress, uint aligned_read_length, DeviceIOCompletionCallback callback, object context) =>
        files.ReadAsync(alignedSourceAddress, alignedDestinationAddress, aligned_read_length, callback, context);

    public void TruncateUntilAddressAsync(long toAddress, AsyncCallback callback, IAsyncResult result) => files.TruncateUntilAddressAsync(toAddress, callback, result);

    public void TruncateUntilAddress(long toAddress) => files.TruncateUntilAddress(toAddress);

    public void TruncateUntilSegmentAsync(int toSegment, AsyncCallback callback, IAsyncResult result) => files.TruncateUntilSegmentAsync(toSegment, callback, result);

    public void TruncateUntilSegment(int toSegment) => files.TruncateUntilSegment(toSegment);

    public void RemoveSegmentAsync(int segment, AsyncCallback callback, IAsyncResult result) => files.RemoveSegmentAsync(segment, callback, result);

    public void RemoveSegment(int segment) => files.RemoveSegment(segment);

    public long GetFileSize(int segment) => files.GetFileSize(segment);

    public void Reset() => files.Reset();

    public void Dispose() => files.Dispose();

    private void Write(uint bytes, DeviceIOCompletionCallback callback, object context, Action<uint, DeviceIOCompletionCallback> write)
    {
        switch (Interlocked.Decrement(ref _left))
        {
            case >= 0:
                write(bytes, callback);
                break;
            case -1 when bytes > SectorSize:
                write(bytes / 2 / SectorSize * SectorSize, (_, _, _) => callback(DiskFull, 0, context));
                break;
            default:
                callback(DiskFull, 0, context);
                break;
        }
    }
}
