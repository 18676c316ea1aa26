namespace Mlp.Inference;

/// <summary>Who waits for a slot.</summary>
internal interface ISlotWaiter
{
    /// <summary>A slot was taken for it.</summary>
    void SlotIsThere();
}

/// <summary>One model's part of the slots. Its members are used under the slots' lock.</summary>
internal sealed class RunShare(double weight)
{
    private readonly Stack<LinkedListNode<(RunShare Share, ISlotWaiter Waiter)>> _nodes = [];

    public double Weight => weight;

    /// <summary>Seconds that it ran, by its weight.</summary>
    public double Used { get; set; }

    /// <summary>How many of its instances wait.</summary>
    public int Waiting { get; set; }

    /// <summary>A node for the list of who waits; used again and again.</summary>
    public LinkedListNode<(RunShare Share, ISlotWaiter Waiter)> NodeFor(ISlotWaiter waiter)
    {
        if (!_nodes.TryPop(out var node))
        {
            return new((this, waiter));
        }

        node.Value = (this, waiter);
        return node;
    }

    public void Keep(LinkedListNode<(RunShare Share, ISlotWaiter Waiter)> node) => _nodes.Push(node);
}
