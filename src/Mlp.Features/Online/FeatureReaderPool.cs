using System.Collections.Concurrent;

namespace Mlp.Features;

/// <summary>Readers for callers that come on any thread, as web requests do. Holds as many as were in use at once.</summary>
public sealed class FeatureReaderPool : IDisposable
{
    private readonly ConcurrentBag<FeatureReader> _idle = [];
    private readonly Func<FeatureReader> _create;
    private volatile bool _disposed;

    internal FeatureReaderPool(Func<FeatureReader> create) => _create = create;

    /// <summary>Reads one row; see <see cref="FeatureReader.Read"/>.</summary>
    public FeatureReadStatus Read(ReadOnlySpan<EntityKey> keys, DateTime time, Span<float> row)
    {
        var reader = Rent();
        try
        {
            return reader.Read(keys, time, row);
        }
        finally
        {
            Return(reader);
        }
    }

    /// <summary>Reads many rows; see <see cref="FeatureReader.ReadMany"/>.</summary>
    public FeatureReadStatus ReadMany(ReadOnlySpan<EntityKey> keys, DateTime time, Span<float> rows)
    {
        var reader = Rent();
        try
        {
            return reader.ReadMany(keys, time, rows);
        }
        finally
        {
            Return(reader);
        }
    }

    /// <summary>Reads one row, waiting for the disk without a thread; see <see cref="FeatureReader.ReadAsync"/>.</summary>
    public ValueTask<FeatureReadStatus> ReadAsync(ReadOnlyMemory<EntityKey> keys, DateTime time, Memory<float> row, CancellationToken cancellationToken = default) =>
        Await(static (reader, keys, time, row, token) => reader.ReadAsync(keys, time, row, token), keys, time, row, cancellationToken);

    /// <summary>Reads many rows, waiting for the disk without a thread; see <see cref="FeatureReader.ReadManyAsync"/>.</summary>
    public ValueTask<FeatureReadStatus> ReadManyAsync(ReadOnlyMemory<EntityKey> keys, DateTime time, Memory<float> rows, CancellationToken cancellationToken = default) =>
        Await(static (reader, keys, time, rows, token) => reader.ReadManyAsync(keys, time, rows, token), keys, time, rows, cancellationToken);

    /// <summary>Closes the readers.</summary>
    public void Dispose()
    {
        _disposed = true;
        Drain();
    }

    private delegate ValueTask<FeatureReadStatus> Reading(FeatureReader reader, ReadOnlyMemory<EntityKey> keys, DateTime time, Memory<float> rows, CancellationToken cancellationToken);

    private ValueTask<FeatureReadStatus> Await(Reading reading, ReadOnlyMemory<EntityKey> keys, DateTime time, Memory<float> rows, CancellationToken cancellationToken)
    {
        var reader = Rent();
        var isReturned = false;
        try
        {
            var read = reading(reader, keys, time, rows, cancellationToken);
            if (!read.IsCompletedSuccessfully)
            {
                isReturned = true;
                return ReturnAfterAsync(reader, read);
            }

            return read;
        }
        finally
        {
            if (!isReturned)
            {
                Return(reader);
            }
        }
    }

    private async ValueTask<FeatureReadStatus> ReturnAfterAsync(FeatureReader reader, ValueTask<FeatureReadStatus> read)
    {
        try
        {
            return await read.ConfigureAwait(false);
        }
        finally
        {
            Return(reader);
        }
    }

    private FeatureReader Rent()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _idle.TryTake(out var reader) ? reader : _create();
    }

    private void Return(FeatureReader reader)
    {
        _idle.Add(reader);
        if (_disposed)
        {
            Drain();
        }
    }

    private void Drain()
    {
        while (_idle.TryTake(out var reader))
        {
            reader.Dispose();
        }
    }
}
