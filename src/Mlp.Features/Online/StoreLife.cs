namespace Mlp.Features;

/// <summary>Whether a store is open, for those who hold on to it.</summary>
internal sealed class StoreLife
{
    private volatile bool _ended;

    public bool HasEnded => _ended;

    public void End() => _ended = true;
}
