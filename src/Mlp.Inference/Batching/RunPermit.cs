namespace Mlp.Inference;

/// <summary>How a model's batches come by a slot to run in; without slots every batch has one.</summary>
internal sealed class RunPermit(RunSlots? slots, double weight, TimeProvider time)
{
    private readonly RunShare _share = new(weight);

    /// <summary>Takes a slot, or has the waiter told when there is one for it.</summary>
    public bool EnterOrWait(ISlotWaiter waiter) => slots is null || slots.EnterOrWait(_share, waiter);

    /// <summary>Takes a slot if there is one at once.</summary>
    public bool TryEnter() => slots is null || slots.TryEnter(_share);

    /// <summary>The clock, where anybody asks for it.</summary>
    public long Now => slots is null ? 0 : time.GetTimestamp();

    /// <summary>Gives the slot back.</summary>
    /// <param name="startedAt">When the run began; 0 for none.</param>
    public void Exit(long startedAt) => slots?.Exit(_share, startedAt == 0 ? 0 : time.GetElapsedTime(startedAt).TotalSeconds);
}
