using System.Collections.Concurrent;

namespace Mlp.Features;

/// <summary>Readers for callers that come on any thread, as web requests do. Holds as many as were in use at once.</summary>
public sealed class FeatureReaderPool : IDisposable
{
    private readonly ConcurrentBag<FeatureReader> _idle = [];
    private readonly Func<FeatureReader> _create;
    private volatile bool _disposed;

    internal FeatureReaderPool(Func<FeatureReader> create) => _create = create;

    /// <summary>Reads one row; see <see cref="FeatureReader.Read(ReadOnlySpan{EntityKey}, DateTime, Span{float})"/>.</summary>
    public FeatureReadStatus Read(ReadOnlySpan<EntityKey> keys, DateTime time, Span<float> row) => Read(keys, time, [], row);

    /// <summary>Reads one row of a service whose on-demand views need numbers from the request.</summary>
    public FeatureReadStatus Read(ReadOnlySpan<EntityKey> keys, DateTime time, ReadOnlySpan<float> request, Span<float> row)
    {
        var reader = Rent();
        try
        {
            return reader.Read(keys, time, request, row);
        }
        finally
        {
            Return(reader);
        }
    }

    /// <summary>Reads many rows; see <see cref="FeatureReader.ReadMany(ReadOnlySpan{EntityKey}, DateTime, Span{float})"/>.</summary>
    public FeatureReadStatus ReadMany(ReadOnlySpan<EntityKey> keys, DateTime time, Span<float> rows) => ReadMany(keys, time, [], rows);

    /// <summary>Reads many rows of a service whose on-demand views need numbers from the request.</summary>
    public FeatureReadStatus ReadMany(ReadOnlySpan<EntityKey> keys, DateTime time, ReadOnlySpan<float> requests, Span<float> rows)
    {
        var reader = Rent();
        try
        {
            return reader.ReadMany(keys, time, requests, rows);
        }
        finally
        {
            Return(reader);
        }
    }

    /// <summary>Reads one row, waiting for the disk without a thread; see <see cref="FeatureReader.ReadAsync(ReadOnlyMemory{EntityKey}, DateTime, Memory{float}, CancellationToken)"/>.</summary>
    public ValueTask<FeatureReadStatus> ReadAsync(ReadOnlyMemory<EntityKey> keys, DateTime time, Memory<float> row, CancellationToken cancellationToken = default) =>
        ReadAsync(keys, time, default, row, cancellationToken);

    /// <summary>Reads one row of a service whose on-demand views need numbers from the request, waiting for the disk without a thread.</summary>
    public ValueTask<FeatureReadStatus> ReadAsync(ReadOnlyMemory<EntityKey> keys, DateTime time, ReadOnlyMemory<float> request, Memory<float> row, CancellationToken cancellationToken = default) =>
        Await(static (reader, keys, time, request, row, token) => reader.ReadAsync(keys, time, request, row, token), keys, time, request, row, cancellationToken);

    /// <summary>Reads many rows, waiting for the disk without a thread; see <see cref="FeatureReader.ReadManyAsync(ReadOnlyMemory{EntityKey}, DateTime, Memory{float}, CancellationToken)"/>.</summary>
    public ValueTask<FeatureReadStatus> ReadManyAsync(ReadOnlyMemory<EntityKey> keys, DateTime time, Memory<float> rows, CancellationToken cancellationToken = default) =>
        ReadManyAsync(keys, time, default, rows, cancellationToken);

    /// <summary>Reads many rows of a service whose on-demand views need numbers from the request, waiting for the disk without a thread.</summary>
    public ValueTask<FeatureReadStatus> ReadManyAsync(ReadOnlyMemory<EntityKey> keys, DateTime time, ReadOnlyMemory<float> requests, Memory<float> rows, CancellationToken cancellationToken = default) =>
        Await(static (reader, keys, time, requests, rows, token) => reader.ReadManyAsync(keys, time, requests, rows, token), keys, time, requests, rows, cancellationToken);

    /// <summary>Closes the readers.</summary>
    public void Dispose()
    {
        _disposed = true;
        Drain();
    }

    private delegate ValueTask<FeatureReadStatus> Reading(FeatureReader reader, ReadOnlyMemory<EntityKey> keys, DateTime time, ReadOnlyMemory<float> requests, Memory<float> rows, CancellationToken cancellationToken);

    private ValueTask<FeatureReadStatus> Await(Reading reading, ReadOnlyMemory<EntityKey> keys, DateTime time, ReadOnlyMemory<float> requests, Memory<float> rows, CancellationToken cancellationToken)
    {
        var reader = Rent();
        var isReturned = false;
        try
        {
            var read = reading(reader, keys, time, requests, rows, cancellationToken);
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
