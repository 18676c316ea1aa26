using FASTER.core;

namespace Mlp.Features;

/// <summary>The key of a record: a view and an entity.</summary>
internal struct StoreKey : IFasterEqualityComparer<StoreKey>
{
    public EntityKey Entity;
    public long View;

    public readonly long GetHashCode64(ref StoreKey key) => (long)(key.Entity.Hash() ^ ((ulong)key.View * 0x9e3779b97f4a7c15));

    public readonly bool Equals(ref StoreKey left, ref StoreKey right) => left.Entity == right.Entity && left.View == right.View;
}
