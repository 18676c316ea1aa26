using DuckDB.NET.Native;

namespace Mlp.Features;

/// <summary>
/// Ends a statement when its token is cancelled. The engine forgets an interrupt that comes before it has begun the statement, so
/// interrupts are repeated until the statement has ended.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(20);

    private readonly Lock _sync = new();
    private readonly CancellationTokenRegistration _registration;
    private DuckDBNativeConnection? _connection;
    private ITimer? _again;

    public Interruption(DuckDBNativeConnection connection, CancellationToken cancellationToken)
    {
        _connection = connection;
        _registration = cancellationToken.UnsafeRegister(static i => ((Interruption)i!).Begin(), this);
    }

    public void Dispose()
    {
        lock (_sync)
        {
            _connection = null;
            _again?.Dispose();
        }

        _registration.Dispose();
    }

    private void Begin()
    {
        lock (_sync)
        {
            if (_connection is not null)
            {
                NativeMethods.Startup.DuckDBInterrupt(_connection);
                _again = TimeProvider.System.CreateTimer(static i => ((Interruption)i!).Again(), this, Period, Period);
            }
        }
    }

    // Under the lock, so that no connection is touched once the statement is done with.
    private void Again()
    {
        lock (_sync)
        {
            if (_connection is not null)
            {
                NativeMethods.Startup.DuckDBInterrupt(_connection);
            }
        }
    }
}
