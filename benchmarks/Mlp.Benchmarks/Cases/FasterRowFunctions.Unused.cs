using FASTER.core;

namespace Mlp.Benchmarks;

/// <content>The callbacks that reading and putting whole rows has no use for.</content>
internal partial struct FasterRowFunctions
{
    public readonly void ReadCompletionCallback(ref long key, ref nint input, ref Empty output, Empty ctx, Status status, RecordMetadata recordMetadata)
    {
    }

    public readonly void PostSingleWriter(ref long key, ref nint input, ref FasterRow src, ref FasterRow dst, ref Empty output, ref UpsertInfo upsertInfo, WriteReason reason)
    {
    }

    public readonly bool NeedInitialUpdate(ref long key, ref nint input, ref Empty output, ref RMWInfo rmwInfo) => true;

    public readonly bool InitialUpdater(ref long key, ref nint input, ref FasterRow value, ref Empty output, ref RMWInfo rmwInfo) => true;

    public readonly void PostInitialUpdater(ref long key, ref nint input, ref FasterRow value, ref Empty output, ref RMWInfo rmwInfo)
    {
    }

    public readonly bool NeedCopyUpdate(ref long key, ref nint input, ref FasterRow oldValue, ref Empty output, ref RMWInfo rmwInfo) => true;

    public readonly bool CopyUpdater(ref long key, ref nint input, ref FasterRow oldValue, ref FasterRow newValue, ref Empty output, ref RMWInfo rmwInfo) => true;

    public readonly void PostCopyUpdater(ref long key, ref nint input, ref FasterRow oldValue, ref FasterRow newValue, ref Empty output, ref RMWInfo rmwInfo)
    {
    }

    public readonly bool InPlaceUpdater(ref long key, ref nint input, ref FasterRow value, ref Empty output, ref RMWInfo rmwInfo) => true;

    public readonly void RMWCompletionCallback(ref long key, ref nint input, ref Empty output, Empty ctx, Status status, RecordMetadata recordMetadata)
    {
    }

    public readonly bool SingleDeleter(ref long key, ref FasterRow value, ref DeleteInfo deleteInfo) => true;

    public readonly void PostSingleDeleter(ref long key, ref DeleteInfo deleteInfo)
    {
    }

    public readonly bool ConcurrentDeleter(ref long key, ref FasterRow value, ref DeleteInfo deleteInfo) => true;

    public readonly void DisposeSingleWriter(ref long key, ref nint input, ref FasterRow src, ref FasterRow dst, ref Empty output, ref UpsertInfo upsertInfo, WriteReason reason)
    {
    }

    public readonly void DisposeCopyUpdater(ref long key, ref nint input, ref FasterRow oldValue, ref FasterRow newValue, ref Empty output, ref RMWInfo rmwInfo)
    {
    }

    public readonly void DisposeInitialUpdater(ref long key, ref nint input, ref FasterRow value, ref Empty output, ref RMWInfo rmwInfo)
    {
    }

    public readonly void DisposeSingleDeleter(ref long key, ref FasterRow value, ref DeleteInfo deleteInfo)
    {
    }

    public readonly void DisposeDeserializedFromDisk(ref long key, ref FasterRow value)
    {
    }

    public readonly void CheckpointCompletionCallback(int sessionID, string sessionName, CommitPoint commitPoint)
    {
    }
}
