namespace Mlp.Inference;

/// <summary>
/// Batches that may run at the same time, whichever model they are of: models that share it do not fight for the cores. A slot
/// that becomes free goes to the model that waits and has used the least time for its <see cref="BatchingOptions.Weight"/>. Safe for all threads.
/// </summary>
public sealed class RunSlots
{
    private readonly Lock _gate = new();
    private readonly LinkedList<(RunShare Share, ISlotWaiter Waiter)> _waiting = [];
    private int _free;

    // The time that the latest one to be served had used: who comes back from idling starts from there, and cannot claim the past.
    private double _served;

    /// <summary>Creates the slots.</summary>
    /// <param name="count">How many; usually as many as there are cores.</param>
    public RunSlots(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        Count = count;
        _free = count;
    }

    /// <summary>How many there are.</summary>
    public int Count { get; }

    /// <summary>Takes a slot, or has the waiter told when there is one for it.</summary>
    /// <returns>Whether it was taken.</returns>
    internal bool EnterOrWait(RunShare share, ISlotWaiter waiter)
    {
        lock (_gate)
        {
            if (TryTake(share))
            {
                return true;
            }

            if (share.Waiting++ == 0)
            {
                share.Used = Math.Max(share.Used, _served);
            }

            _waiting.AddLast(share.NodeFor(waiter));
            return false;
        }
    }

    /// <summary>Takes a slot if there is one and nobody waits for it.</summary>
    internal bool TryEnter(RunShare share)
    {
        lock (_gate)
        {
            return TryTake(share);
        }
    }

    /// <summary>Gives a slot back.</summary>
    /// <param name="share">Whose it was.</param>
    /// <param name="seconds">How long it ran.</param>
    internal void Exit(RunShare share, double seconds)
    {
        ISlotWaiter? next = null;
        lock (_gate)
        {
            share.Used += seconds / share.Weight;
            if (LeastUsed() is { } node)
            {
                _waiting.Remove(node);
                next = node.Value.Waiter;
                node.Value.Share.Waiting--;
                _served = Math.Max(_served, node.Value.Share.Used);
                node.Value.Share.Keep(node);
            }
            else
            {
                _free++;
            }
        }

        next?.SlotIsThere();
    }

    private bool TryTake(RunShare share)
    {
        if (_free == 0 || _waiting.Count > 0)
        {
            return false;
        }

        _free--;
        share.Used = Math.Max(share.Used, _served);
        _served = share.Used;
        return true;
    }

    private LinkedListNode<(RunShare Share, ISlotWaiter Waiter)>? LeastUsed()
    {
        LinkedListNode<(RunShare Share, ISlotWaiter Waiter)>? least = null;
        for (var node = _waiting.First; node is not null; node = node.Next)
        {
            if (least is null || node.Value.Share.Used < least.Value.Share.Used)
            {
                least = node;
            }
        }

        return least;
    }
}
