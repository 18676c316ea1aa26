namespace Mlp.Inference;

/// <summary>Blocks a thread until a prediction is there, without allocating.</summary>
internal sealed class BlockingWait
{
    [ThreadStatic]
    private static BlockingWait? _own;

    private readonly ManualResetEventSlim _done = new();
    private readonly Action _set;

    private BlockingWait() => _set = _done.Set;

    public static void For(ValueTask task)
    {
        var awaiter = task.GetAwaiter();
        if (!awaiter.IsCompleted)
        {
            // This thread may owe other callers their answers, and one of them may be what it is about to wait for.
            BatchInstance.LeaveHandOut();
            var wait = _own ??= new BlockingWait();
            wait._done.Reset();
            awaiter.UnsafeOnCompleted(wait._set);
            wait._done.Wait();
        }

        awaiter.GetResult();
    }
}
