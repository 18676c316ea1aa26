using System.Globalization;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>
/// The sinks of all streams that feed one online store: several sources, or several partitions of a topic. Each takes its events beside the others; a checkpoint
/// is of all together, and says how far each stream is in it.
/// </summary>
public sealed class FeatureSinks : IAsyncDisposable
{
    /// <summary>Most streams of a store.</summary>
    public const int StreamsMax = 1024;

    private const int StreamNameMax = 64;

    private readonly OnlineStore _online;
    private readonly FeatureSink[] _sinks;
    private readonly SemaphoreSlim _checkpointing = new(1, 1);
    private int _open;
    private volatile bool _isFed;

    private FeatureSinks(OnlineStore online, OfflineStore offline, IReadOnlyList<SinkStream> streams, FeatureSinkOptions options)
    {
        _online = online;
        _sinks = [.. streams.Select(s => new FeatureSink(this, online, offline, s, options))];
        _open = _sinks.Length;
    }

    /// <summary>The sinks, in the order in which their streams were given.</summary>
    public IReadOnlyList<FeatureSink> All => _sinks;

    /// <summary>The sink of a stream.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public FeatureSink this[string stream] => Array.Find(_sinks, s => s.Stream == stream)
        ?? throw new ArgumentException($"There is no stream '{stream}'; there are {string.Join(", ", _sinks.Select(s => s.Stream))}.", nameof(stream));

    /// <summary>Opens the sinks, and brings to the online store what its last checkpoint has not seen.</summary>
    /// <param name="online">Each of its views is of a source that a stream brings. It is open with <see cref="StoreDurability.Checkpoints"/>: what a crash loses, the streams give again.</param>
    /// <param name="offline">Where the history is.</param>
    /// <param name="streams">All that feed the store.</param>
    /// <param name="options">When to append; null for the defaults.</param>
    /// <param name="cancellationToken">Ends it; the online store then has to be opened again.</param>
    /// <exception cref="MlpException"><see cref="FeatureErrors.CountedTwice"/>: a stream's events are in the offline store, and the online store's last checkpoint does not say which of them it has.</exception>
    /// <exception cref="InvalidOperationException">The online store is fed already, or was opened with another durability.</exception>
    public static async Task<FeatureSinks> OpenAsync(OnlineStore online, OfflineStore offline, IReadOnlyList<SinkStream> streams, FeatureSinkOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(online);
        ArgumentNullException.ThrowIfNull(offline);
        ArgumentNullException.ThrowIfNull(streams);
        options ??= new FeatureSinkOptions();
        options.Validate();
        Check(streams);
        if (online.Plans.FirstOrDefault(p => streams.All(s => s.Source != p.View.Source)) is { } other)
        {
            throw new ArgumentException($"The online store has the view '{other.View.Name}' of '{other.View.Source.Name}', which no stream brings. A checkpoint is of the whole store: open {nameof(FeatureSinks)} with the streams of all its sources, or a store of views of theirs alone.", nameof(online));
        }

        online.BeginFeed($"the sink of {string.Join(", ", streams.Select(s => s.Name))}");
        var sinks = new FeatureSinks(online, offline, streams, options);
        try
        {
            await Task.Run(() => sinks.ResumeAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
            return sinks;
        }
        catch
        {
            await sinks.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Appends what waits in each sink and makes a checkpoint of the online store, so that less is brought to it when they are opened again. No event is taken meanwhile.</summary>
    /// <exception cref="MlpException">As of <see cref="OfflineStore.Append"/> and <see cref="OnlineStore.CheckpointAsync(DateTime, CancellationToken)"/>: nothing is lost, and it may be repeated.</exception>
    public async Task CheckpointAsync(CancellationToken cancellationToken = default)
    {
        await _checkpointing.WaitAsync(cancellationToken).ConfigureAwait(false);
        var held = 0;
        try
        {
            for (; held < _sinks.Length; held++)
            {
                await _sinks[held].HoldAsync(cancellationToken).ConfigureAwait(false);
            }

            foreach (var sink in _sinks)
            {
                await sink.FlushHeldAsync(cancellationToken).ConfigureAwait(false);
            }

            await SaveAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            for (; held > 0; held--)
            {
                _sinks[held - 1].Release();
            }

            _checkpointing.Release();
        }
    }

    /// <summary>Appends what waits, and ends all sinks. What came since the last checkpoint is brought to the online store when both are opened again.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var sink in _sinks)
        {
            await sink.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>An event has come into the online store that is in no checkpoint.</summary>
    internal void NoteFed() => _isFed = true;

    /// <summary>One of the sinks has ended. With the last, the online store is free again, unless it has what no checkpoint tells.</summary>
    internal void End()
    {
        if (Interlocked.Decrement(ref _open) == 0 && !_isFed)
        {
            _online.EndFeed();
        }
    }

    private static void Check(IReadOnlyList<SinkStream> streams)
    {
        if (streams.Count is 0 or > StreamsMax)
        {
            throw new ArgumentException($"{streams.Count} streams were given; expected 1 to {StreamsMax}.", nameof(streams));
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var stream in streams)
        {
            ArgumentNullException.ThrowIfNull(stream);
            ArgumentNullException.ThrowIfNull(stream.Source);
            if (!PackagePath.IsName(stream.Name) || stream.Name.Length > StreamNameMax)
            {
                throw new ArgumentException($"'{stream.Name}' is no name of a stream: expected 1 to {StreamNameMax} letters, digits, '.', '-', '_'.", nameof(streams));
            }

            if (!names.Add(stream.Name))
            {
                throw new ArgumentException($"Two streams are called '{stream.Name}': a stream is told by its name.", nameof(streams));
            }
        }
    }

    private async Task ResumeAsync(CancellationToken cancellationToken)
    {
        var seen = new long[_sinks.Length];
        var untold = new List<string>();
        for (var i = 0; i < _sinks.Length; i++)
        {
            var hasBatches = _sinks[i].Find();
            var told = _online.Streams.Where(s => s.Key == _sinks[i].Stream).Select(s => (long?)s.Value).SingleOrDefault();
            seen[i] = told ?? 0;
            if (_online.HasCheckpoint && told is null)
            {
                untold.Add(_sinks[i].Stream);
                if (hasBatches)
                {
                    throw new MlpException(FeatureErrors.CountedTwice, $"The online store's last checkpoint, until {(_online.CompleteUntil is { } until ? until.ToString("O", CultureInfo.InvariantCulture) : "no time")}, does not say which events of the stream '{_sinks[i].Stream}' it has: it is none that this stream's sink made. Remove the online store's folder, open it and the sink anew, and all of the stream's events are brought to it; or give the stream a new name where the store was materialised from its events.");
                }
            }
        }

        for (var i = 0; i < _sinks.Length; i++)
        {
            _sinks[i].Resume(seen[i], cancellationToken);
        }

        // Else a crash before the first checkpoint would leave a store that does not say that it has none of the new streams' events.
        if (untold.Count > 0)
        {
            await SaveAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task SaveAsync(CancellationToken cancellationToken)
    {
        var streams = _online.Streams.Where(s => _sinks.All(sink => sink.Stream != s.Key)).Concat(_sinks.Select(s => KeyValuePair.Create(s.Stream, s.Position))).ToArray();
        if (streams.Length > StreamsMax)
        {
            throw new MlpException(ErrorCodes.LimitReached, $"{streams.Length} streams have fed the online store, and {StreamsMax} may: bring them by way of a new one.");
        }

        var last = _online.CompleteUntil ?? DateTime.MinValue;
        var newest = _sinks.Max(s => s.Newest) ?? DateTime.MinValue;
        await _online.CheckpointAsync(newest >= last ? newest.AddMicroseconds(1) : last, streams, cancellationToken).ConfigureAwait(false);
        _isFed = false;
    }
}
