using Mlp.Core;

namespace Mlp.Features;

/// <summary>The readers of a store: how many there are, and that none is in the middle of a read when the store closes.</summary>
internal sealed class OpenReaders(int most)
{
    private readonly HashSet<FeatureReader> _open = [];
    private readonly Lock _lock = new();

    /// <summary>Lets one in, unless the store is over or full.</summary>
    public FeatureReader Open(StoreLife life, Func<FeatureReader> create)
    {
        lock (_lock)
        {
            life.Require();
            if (_open.Count >= most)
            {
                throw new MlpException(ErrorCodes.LimitReached, $"{most} readers are open, the most that {nameof(OnlineStoreOptions.ReadersMax)} allows.");
            }

            var reader = create();
            _open.Add(reader);
            return reader;
        }
    }

    /// <summary>Ends a reader's session, if the store has not done so.</summary>
    public void Close(FeatureReader reader)
    {
        lock (_lock)
        {
            if (_open.Remove(reader))
            {
                reader.EndSession();
            }
        }
    }

    /// <summary>Waits until no read is under way that began before the store was over.</summary>
    /// <returns>False where one would not end in time.</returns>
    public bool Drain(Deadline deadline)
    {
        // A reader says that it is busy, then looks whether the store is over; here it is the other way round. Each read is spared
        // its half of the fence.
        Interlocked.MemoryBarrierProcessWide();
        FeatureReader[] readers;
        lock (_lock)
        {
            readers = [.. _open];
        }

        foreach (var reader in readers)
        {
            var spin = default(SpinWait);
            while (reader.IsBusy)
            {
                if (deadline.HasPassed)
                {
                    return false;
                }

                spin.SpinOnce();
            }
        }

        return true;
    }

    /// <summary>Ends all sessions, after they have been drained.</summary>
    public void CloseAll()
    {
        lock (_lock)
        {
            foreach (var reader in _open)
            {
                reader.EndSession();
            }

            _open.Clear();
        }
    }
}
