using FASTER.core;

namespace Mlp.Features;

/// <content>The callbacks that this store has no use for: it changes records by read-modify-write only and removes none.</content>
internal partial struct StoreFunctions
{
    public readonly bool SingleWriter(ref StoreKey key, ref StoreInput input, ref SpanByte src, ref SpanByte dst, ref StoreOutcome output, ref UpsertInfo upsertInfo, WriteReason reason)
    {
        src.CopyTo(ref dst);
        return true;
    }

    public readonly bool ConcurrentWriter(ref StoreKey key, ref StoreInput input, ref SpanByte src, ref SpanByte dst, ref StoreOutcome output, ref UpsertInfo upsertInfo) => false;

    public readonly void PostSingleWriter(ref StoreKey key, ref StoreInput input, ref SpanByte src, ref SpanByte dst, ref StoreOutcome output, ref UpsertInfo upsertInfo, WriteReason reason)
    {
    }

    public readonly void PostInitialUpdater(ref StoreKey key, ref StoreInput input, ref SpanByte value, ref StoreOutcome output, ref RMWInfo rmwInfo)
    {
    }

    public readonly void PostCopyUpdater(ref StoreKey key, ref StoreInput input, ref SpanByte oldValue, ref SpanByte newValue, ref StoreOutcome output, ref RMWInfo rmwInfo)
    {
    }

    public readonly void RMWCompletionCallback(ref StoreKey key, ref StoreInput input, ref StoreOutcome output, Empty ctx, Status status, RecordMetadata recordMetadata)
    {
    }

    public readonly bool SingleDeleter(ref StoreKey key, ref SpanByte value, ref DeleteInfo deleteInfo) => true;

    public readonly void PostSingleDeleter(ref StoreKey key, ref DeleteInfo deleteInfo)
    {
    }

    public readonly bool ConcurrentDeleter(ref StoreKey key, ref SpanByte value, ref DeleteInfo deleteInfo) => true;

    public readonly void DisposeSingleWriter(ref StoreKey key, ref StoreInput input, ref SpanByte src, ref SpanByte dst, ref StoreOutcome output, ref UpsertInfo upsertInfo, WriteReason reason)
    {
    }

    public readonly void DisposeCopyUpdater(ref StoreKey key, ref StoreInput input, ref SpanByte oldValue, ref SpanByte newValue, ref StoreOutcome output, ref RMWInfo rmwInfo)
    {
    }

    public readonly void DisposeInitialUpdater(ref StoreKey key, ref StoreInput input, ref SpanByte value, ref StoreOutcome output, ref RMWInfo rmwInfo)
    {
    }

    public readonly void DisposeSingleDeleter(ref StoreKey key, ref SpanByte value, ref DeleteInfo deleteInfo)
    {
    }

    public readonly void DisposeDeserializedFromDisk(ref StoreKey key, ref SpanByte value)
    {
    }

    public readonly void CheckpointCompletionCallback(int sessionID, string sessionName, CommitPoint commitPoint)
    {
    }
}
