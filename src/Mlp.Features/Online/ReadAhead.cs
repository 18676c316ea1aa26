using System.Runtime.CompilerServices;

namespace Mlp.Features;

/// <summary>
/// Goes before the reads, or the writes, of many rows: asks for the bucket of a record some rows before its turn, and later, still before its turn, for the record
/// itself, whose place the bucket tells.
/// </summary>
internal ref struct ReadAhead
{
    /// <summary>Records whose buckets have been asked for at most; a power of two.</summary>
    public const int Ring = 2 * Distance;

    // Enough for one wait to hide behind the work on the rows between, and no more than the processor keeps track of.
    private const int Distance = 8;

    private readonly RecordPrefetch? _prefetch;
    private readonly ReadOnlySpan<FeatureReader.Step> _steps;
    private readonly ReadOnlySpan<EntityKey> _keys;
    private readonly Span<long> _hashes;
    private readonly int _entities;
    private readonly int _recordBytes;
    private int _firstKey;
    private int _step;
    private int _buckets;
    private int _records;

    /// <summary>Begins.</summary>
    /// <param name="prefetch">Gives the advice.</param>
    /// <param name="steps">The views that are read of each row, in their order.</param>
    /// <param name="keys">The rows' keys.</param>
    /// <param name="entities">Keys of a row.</param>
    /// <param name="recordBytes">How much of a record will be read.</param>
    /// <param name="hashes">Room for <see cref="Ring"/> of them.</param>
    public ReadAhead(RecordPrefetch prefetch, ReadOnlySpan<FeatureReader.Step> steps, ReadOnlySpan<EntityKey> keys, int entities, int recordBytes, Span<long> hashes)
    {
        _prefetch = steps.Length > 0 ? prefetch : null;
        _steps = steps;
        _keys = keys;
        _entities = entities;
        _recordBytes = recordBytes;
        _hashes = hashes;
        for (var i = 0; i < Ring; i++)
        {
            AskForBucket();
        }

        for (var i = 0; i < Distance; i++)
        {
            AskForRecord();
        }
    }

    /// <summary>To be called before the next row is read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance()
    {
        if (_prefetch is not null)
        {
            for (var i = 0; i < _steps.Length; i++)
            {
                AskForRecord();
                AskForBucket();
            }
        }
    }

    private void AskForBucket()
    {
        if (_prefetch is null || _firstKey >= _keys.Length)
        {
            return;
        }

        ref readonly var step = ref _steps[_step];
        var key = new StoreKey { Entity = _keys[_firstKey + step.Entity], View = step.Plan!.Id };
        var hash = key.GetHashCode64(ref key);
        _hashes[_buckets++ % Ring] = hash;
        _prefetch.Bucket(hash);
        if (++_step == _steps.Length)
        {
            _step = 0;
            _firstKey += _entities;
        }
    }

    private void AskForRecord()
    {
        if (_records < _buckets)
        {
            _prefetch!.Record(_hashes[_records++ % Ring], _recordBytes);
        }
    }
}
