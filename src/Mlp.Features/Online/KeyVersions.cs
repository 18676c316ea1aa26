using FASTER.core;

namespace Mlp.Features;

/// <summary>Goes over the records of one key, newest first, to the first that lies before an address.</summary>
/// <param name="address">The address.</param>
internal struct KeyVersions(long address) : IScanIteratorFunctions<StoreKey, SpanByte>
{
    /// <summary>Where that record lies; 0 where there is none.</summary>
    public long Found { get; private set; }

    public readonly bool OnStart(long beginAddress, long endAddress) => true;

    public bool SingleReader(ref StoreKey key, ref SpanByte value, RecordMetadata recordMetadata, long numberOfRecords) => IsNewer(recordMetadata.Address);

    public bool ConcurrentReader(ref StoreKey key, ref SpanByte value, RecordMetadata recordMetadata, long numberOfRecords) => IsNewer(recordMetadata.Address);

    public readonly void OnStop(bool completed, long numberOfRecords)
    {
    }

    public readonly void OnException(Exception exception, long numberOfRecords)
    {
    }

    private bool IsNewer(long found)
    {
        Found = found < address ? found : Found;
        return found >= address;
    }
}
