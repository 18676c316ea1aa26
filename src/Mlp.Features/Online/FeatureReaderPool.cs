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
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_idle.TryTake(out var reader))
        {
            reader = _create();
        }

        try
        {
            return reader.Read(keys, time, request, row);
        }
        finally
        {
            _idle.Add(reader);
            if (_disposed)
            {
                Drain();
            }
        }
    }

    /// <summary>Closes the readers.</summary>
    public void Dispose()
    {
        _disposed = true;
        Drain();
    }

    private void Drain()
    {
        while (_idle.TryTake(out var reader))
        {
            reader.Dispose();
        }
    }
}
