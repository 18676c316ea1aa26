namespace Mlp.Features;

/// <summary>One write to disk for all who wait for one: who comes while it is under way shares the next.</summary>
/// <param name="commit">The write. It covers all that came before it began.</param>
internal sealed class GroupCommit(Func<Task> commit)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _next;
    private bool _running;
    private bool _ended;

    /// <summary>Takes part in the next write.</summary>
    /// <param name="asLast">Nobody may behind it.</param>
    /// <exception cref="ObjectDisposedException">The last write was joined.</exception>
    public Task Join(bool asLast = false)
    {
        Task joined;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_ended, this);
            _ended = asLast;
            _next ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            joined = _next.Task;
            if (_running)
            {
                return joined;
            }

            _running = true;
        }

        _ = RunAsync();
        return joined;
    }

    private async Task RunAsync()
    {
        while (true)
        {
            TaskCompletionSource now;
            lock (_lock)
            {
                if (_next is null)
                {
                    _running = false;
                    return;
                }

                now = _next;
                _next = null;
            }

            try
            {
                await commit().ConfigureAwait(false);
                now.SetResult();
            }
            catch (Exception e)
            {
                // It is theirs who wait.
                now.SetException(e);
            }
        }
    }
}
