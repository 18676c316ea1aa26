using FASTER.core;

namespace Mlp.Features;

/// <summary>
/// The log's files. The engine would remove what lies before the log's begin as soon as its own checkpoint is complete; here nothing goes
/// before <see cref="Remove"/> is called, which is when the store's manifest names that checkpoint: until then the last one has to stay whole.
/// </summary>
/// <param name="files">Where it lies.</param>
/// <param name="failed">Told of a write that failed. What it was to keep is lost, so the store is over; the engine is told that it succeeded, or it would wait for ever.</param>
internal sealed class LogDevice(IDevice files, Action<uint> failed) : IDevice
{
    // What .NET makes of ENOSPC and of Windows' own.
    private const uint DiskFull = 112;

    // What the engine makes of any error that it has no number for, ENOSPC among them.
    private const uint Unknown = uint.MaxValue;

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

    /// <summary>Removes the files that lie wholly before an address.</summary>
    public void Remove(long beforeAddress) => files.TruncateUntilAddress(beforeAddress);

    public void Initialize(long segmentSize, LightEpoch? epoch = null, bool omitSegmentIdFromFilename = false) => files.Initialize(segmentSize, epoch, omitSegmentIdFromFilename);

    public bool TryComplete() => files.TryComplete();

    public bool Throttle() => files.Throttle();

    public void WriteAsync(nint sourceAddress, int segmentId, ulong destinationAddress, uint numBytesToWrite, DeviceIOCompletionCallback callback, object context) =>
        files.WriteAsync(sourceAddress, segmentId, destinationAddress, numBytesToWrite, Watched(callback, numBytesToWrite), context);

    public void ReadAsync(int segmentId, ulong sourceAddress, nint destinationAddress, uint readLength, DeviceIOCompletionCallback callback, object context) =>
        files.ReadAsync(segmentId, sourceAddress, destinationAddress, readLength, callback, context);

    public void WriteAsync(nint alignedSourceAddress, ulong alignedDestinationAddress, uint numBytesToWrite, DeviceIOCompletionCallback callback, object context) =>
        files.WriteAsync(alignedSourceAddress, alignedDestinationAddress, numBytesToWrite, Watched(callback, numBytesToWrite), context);

    public void ReadAsync(ulong alignedSourceAddress, nint alignedDestinationAddress, uint aligned_read_length, DeviceIOCompletionCallback callback, object context) =>
        files.ReadAsync(alignedSourceAddress, alignedDestinationAddress, aligned_read_length, callback, context);

    public void TruncateUntilAddressAsync(long toAddress, AsyncCallback callback, IAsyncResult result) => callback(result);

    public void TruncateUntilAddress(long toAddress)
    {
        // Remove does it, later.
    }

    public void TruncateUntilSegmentAsync(int toSegment, AsyncCallback callback, IAsyncResult result) => callback(result);

    public void TruncateUntilSegment(int toSegment)
    {
        // Remove does it, later.
    }

    public void RemoveSegmentAsync(int segment, AsyncCallback callback, IAsyncResult result) => files.RemoveSegmentAsync(segment, callback, result);

    public void RemoveSegment(int segment) => files.RemoveSegment(segment);

    public long GetFileSize(int segment) => files.GetFileSize(segment);

    public void Reset() => files.Reset();

    public void Dispose() => files.Dispose();

    /// <summary>Why a write failed, for people.</summary>
    public static string ReasonOf(uint error) => error switch
    {
        DiskFull => "the disk is full",
        Unknown => "the disk is full or fails",
        _ => $"error {error} of the disk",
    };

    private DeviceIOCompletionCallback Watched(DeviceIOCompletionCallback callback, uint bytesToWrite) => (error, _, context) =>
    {
        if (error != 0)
        {
            failed(error);
        }

        callback(0, bytesToWrite, context);
    };
}
