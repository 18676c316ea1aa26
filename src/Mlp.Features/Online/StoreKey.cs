using System.Numerics;
using FASTER.core;

namespace Mlp.Features;

/// <summary>
/// The key of a record: a view and an entity. In the log it takes 16 bytes where the entity's own take 11 or less, as an integer's or a short text's do,
/// and 24 otherwise. Where it lies in the log, what follows its 16 bytes is the record's value: the third word means something only if the key is long.
/// </summary>
internal struct StoreKey : IFasterEqualityComparer<StoreKey>
{
    /// <summary>Bytes of a long one.</summary>
    public const int BytesMax = 3 * sizeof(ulong);

    private const int Bytes = 2 * sizeof(ulong);
    private const int BytesOfShortEntity = 11;
    private const int LengthShift = 56;
    private const int RestShift = 24;
    private const ulong BeginMask = (1 << RestShift) - 1;
    private const ulong LongMark = 0xff;

    // The entity's first 8 bytes; then its next 3, the number of bytes it has or the mark of a long one, and the view; then the rest of a long one.
    private ulong _first;
    private ulong _second;
    private ulong _rest;

    public EntityKey Entity
    {
        readonly get => EntityKey.FromWords(_first, (_second & BeginMask) | (IsLong ? _rest << RestShift : (_second >> RestShift & 0xff) << LengthShift));
        set
        {
            var (low, high) = value.Words;
            var length = high >> LengthShift;

            // A GUID is all of its 16 bytes, the last of which may look like a small length.
            var isLong = length > BytesOfShortEntity || (high << 8 >> (RestShift + 8)) != 0;
            _first = low;
            _second = (_second >> 32 << 32) | (high & BeginMask) | ((isLong ? LongMark : length) << RestShift);
            _rest = isLong ? high >> RestShift : 0;
        }
    }

    public long View
    {
        readonly get => (long)(_second >> 32);
        set => _second = (uint)_second | ((ulong)value << 32);
    }

    /// <summary>Bytes of it in the log.</summary>
    public readonly int LengthBytes => IsLong ? BytesMax : Bytes;

    private readonly bool IsLong => (byte)(_second >> RestShift) == LongMark;

    /// <summary>Writes as much of it as it has.</summary>
    public readonly unsafe void CopyTo(void* destination)
    {
        var words = (ulong*)destination;
        words[0] = _first;
        words[1] = _second;
        if (IsLong)
        {
            words[2] = _rest;
        }
    }

    // Two multiplications over all bits, as for the entity alone.
    public readonly long GetHashCode64(ref StoreKey key)
    {
        var second = key._second ^ (key.IsLong ? key._rest * 0x9fb21c651e98df25 : 0);
        var mixed = Math.BigMul(key._first ^ 0x9e3779b97f4a7c15, second ^ 0xc2b2ae3d27d4eb4f, out var low);
        return (long)(mixed ^ low ^ BitOperations.RotateLeft(key._first, 29) ^ (second >> 32));
    }

    public readonly bool Equals(ref StoreKey left, ref StoreKey right) =>
        left._first == right._first && left._second == right._second && (left._rest == right._rest || !left.IsLong);
}

/// <summary>Lengths of keys, as the log needs them.</summary>
internal sealed class KeyLengths : IVariableLengthStruct<StoreKey>
{
    public int GetLength(ref StoreKey key) => key.LengthBytes;

    public int GetInitialLength() => StoreKey.BytesMax;

    public unsafe void Serialize(ref StoreKey source, void* destination) => source.CopyTo(destination);

    public unsafe ref StoreKey AsRef(void* source) => ref System.Runtime.CompilerServices.Unsafe.AsRef<StoreKey>(source);

    public unsafe void Initialize(void* source, void* end)
    {
        // A key has no header to set up.
    }
}
