using DuckDB.NET.Data;

namespace Mlp.Features;

/// <summary>
/// Keeps the engine of the last question for the next one, for a while. An engine has its memory from the system page by page and gives it back when it ends:
/// of a large question that was a fifth of its time.
/// </summary>
internal sealed class IdleEngine(OfflineStoreOptions options)
{
    private readonly Lock _lock = new();
    private DuckEngine? _idle;
    private ITimer? _end;

    /// <summary>The engine that is kept, or a new one.</summary>
    public DuckEngine Take()
    {
        lock (_lock)
        {
            _end?.Dispose();
            _end = null;
            if (_idle is { } engine)
            {
                _idle = null;
                return engine;
            }
        }

        return new DuckEngine(options);
    }

    /// <summary>Keeps an engine whose session is over, where it can be used again and none is kept.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="spill">The session's folder.</param>
    public void Keep(DuckEngine engine, string spill)
    {
        if (options.EngineKept > TimeSpan.Zero && IsClear(engine, spill))
        {
            lock (_lock)
            {
                if (_idle is null)
                {
                    _idle = engine;
                    _end = options.TimeProvider.CreateTimer(End, engine, options.EngineKept, Timeout.InfiniteTimeSpan);
                    return;
                }
            }
        }

        engine.Dispose();
    }

    // One that was interrupted in the middle may not do what it is told any more; it is then given up, as it would have been anyway.
    private static bool IsClear(DuckEngine engine, string spill)
    {
        try
        {
            return engine.TryClear(spill);
        }
        catch (DuckDBException)
        {
            return false;
        }
    }

    private void End(object? engine)
    {
        lock (_lock)
        {
            if (_idle != engine)
            {
                return;
            }

            _idle = null;
            _end?.Dispose();
            _end = null;
        }

        ((DuckEngine)engine!).Dispose();
    }
}
