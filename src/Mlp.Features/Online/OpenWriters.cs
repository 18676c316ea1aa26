using Mlp.Core;

namespace Mlp.Features;

/// <summary>
/// The writers of a store, each on a thread of its own, and whoever has to be alone: a checkpoint that closes its version, compaction, a bulk load.
/// A writer says that it is busy, then looks whether someone is alone; who wants to be alone says so, then waits for the busy ones. The fence between
/// the two halves is the second's alone to pay: a write has none.
/// </summary>
/// <param name="writing">Held by who is alone. Writers stay outside of it, but for waiting.</param>
/// <param name="most">How many there may be.</param>
internal sealed class OpenWriters(Lock writing, int most)
{
    private readonly HashSet<FeatureWriter> _open = [];
    private readonly Lock _lock = new();
    private volatile int _alone;
    private long _newestOfClosed = long.MinValue;
    private long _writesOfClosed;

    /// <summary>Whether a writer has to wait for its turn.</summary>
    public bool AreStopped => _alone > 0;

    /// <summary>The newest time of a row that any of them has put, in microseconds. Certain only for who is alone.</summary>
    public long NewestMicros
    {
        get
        {
            lock (_lock)
            {
                var newest = _newestOfClosed;
                foreach (var writer in _open)
                {
                    newest = Math.Max(newest, writer.NewestMicros);
                }

                return newest;
            }
        }
    }

    /// <summary>How often any of them has written.</summary>
    public long Writes
    {
        get
        {
            lock (_lock)
            {
                var writes = _writesOfClosed;
                foreach (var writer in _open)
                {
                    writes += writer.Writes;
                }

                return writes;
            }
        }
    }

    /// <summary>Lets one in, unless the store is over or full.</summary>
    public FeatureWriter Open(StoreLife life, Func<FeatureWriter> create)
    {
        lock (_lock)
        {
            life.Require();
            if (_open.Count >= most)
            {
                throw new MlpException(ErrorCodes.LimitReached, $"{most} writers are open, the most that {nameof(OnlineStoreOptions.WritersMax)} allows.");
            }

            var writer = create();
            _open.Add(writer);
            return writer;
        }
    }

    /// <summary>Ends a writer's session, if the store has not done so.</summary>
    public void Close(FeatureWriter writer)
    {
        lock (_lock)
        {
            if (_open.Remove(writer))
            {
                _newestOfClosed = Math.Max(_newestOfClosed, writer.NewestMicros);
                _writesOfClosed += writer.Writes;
                writer.EndSession();
            }
        }
    }

    /// <summary>Waits until no one is alone.</summary>
    /// <returns>Whether it is the caller's own thread that is: it may go on.</returns>
    public bool WaitForTurn()
    {
        if (writing.IsHeldByCurrentThread)
        {
            return true;
        }

        lock (writing)
        {
            return false;
        }
    }

    /// <summary>Waits until no one writes, and keeps it so.</summary>
    public Alone BeAlone()
    {
        writing.Enter();
        try
        {
            Stop(null);
            return new Alone(this);
        }
        catch
        {
            writing.Exit();
            throw;
        }
    }

    /// <summary>Waits until no one writes, but not for ever.</summary>
    /// <returns>False where someone would not end in time.</returns>
    public bool TryBeAlone(Deadline deadline)
    {
        if (!writing.TryEnter(deadline.Left))
        {
            return false;
        }

        if (Stop(deadline))
        {
            return true;
        }

        End();
        return false;
    }

    /// <summary>Lets the others go on.</summary>
    public void End()
    {
        _alone--;
        writing.Exit();
    }

    /// <summary>Ends all sessions, for who is alone.</summary>
    public void CloseAll()
    {
        lock (_lock)
        {
            foreach (var writer in _open)
            {
                writer.EndSession();
            }

            _open.Clear();
        }
    }

    private bool Stop(Deadline? deadline)
    {
        _alone++;
        FeatureWriter[] writers;
        lock (_lock)
        {
            writers = [.. _open];
        }

        // One that is opened from here on sees that someone is alone.
        if (writers.Length > 0)
        {
            Interlocked.MemoryBarrierProcessWide();
        }

        foreach (var writer in writers)
        {
            var spin = default(SpinWait);
            while (writer.IsBusy)
            {
                if (deadline is { HasPassed: true })
                {
                    return false;
                }

                spin.SpinOnce();
            }
        }

        return true;
    }

    /// <summary>As long as it lives, no one else writes.</summary>
    internal readonly ref struct Alone(OpenWriters writers)
    {
        public void Dispose() => writers.End();
    }
}
