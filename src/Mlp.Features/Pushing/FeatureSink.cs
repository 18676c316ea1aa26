using System.Globalization;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>
/// Puts a stream of a source's events into the online store and the offline store together. The online store has an event at once; the offline
/// store gets them in batches, and what is in a batch is durable. The rest a crash loses in both: the stream is read again from <see cref="Position"/>.
/// </summary>
/// <remarks>
/// A batch is named by its offsets, and an offset that is in one is taken no more: nothing is there twice, however often the stream is read. When it is
/// opened, what the online store's last checkpoint has not seen is brought to it from the batches, whatever the events' times: nothing is lost or
/// counted twice wherever between the two stores a crash came.
/// </remarks>
public sealed class FeatureSink : IAsyncDisposable
{
    private readonly OnlineStore _online;
    private readonly OfflineStore _offline;
    private readonly FeatureSinks _sinks;
    private readonly EventSource _source;
    private readonly Column[] _columns;
    private readonly string _stream;
    private readonly FeatureSinkOptions _options;
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly List<FeatureValue[]> _waiting = [];
    private readonly ITimer _timer;
    private Exception? _failure;
    private long _firstWaiting;
    private bool _hasEnded;

    internal FeatureSink(FeatureSinks sinks, OnlineStore online, OfflineStore offline, SinkStream stream, FeatureSinkOptions options)
    {
        _sinks = sinks;
        _online = online;
        _offline = offline;
        _source = stream.Source;
        _columns = [Column.Timestamp(stream.Source.TimeColumn), .. stream.Source.Columns];
        _stream = stream.Name;
        _options = options;
        _timer = options.Time.CreateTimer(static s => _ = ((FeatureSink)s!).FlushInTimeAsync(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The stream's name.</summary>
    public string Stream => _stream;

    /// <summary>The first offset that has not been taken: where the stream is to be read from.</summary>
    public long Position { get; private set; }

    /// <summary>The first offset that is not durable: where the stream is read from after a crash.</summary>
    public long DurablePosition { get; private set; }

    /// <summary>The newest event that came into the online store.</summary>
    internal DateTime? Newest { get; private set; }

    /// <summary>Opens the sink of a single stream, and brings to the online store what its last checkpoint has not seen. Several streams into one store: <see cref="FeatureSinks"/>.</summary>
    /// <param name="online">Its views are all of the source.</param>
    /// <param name="offline">Where the history is.</param>
    /// <param name="source">What the events are.</param>
    /// <param name="stream">A name for the stream, the same each time: 1 to 64 letters, digits, dots, hyphens and underscores.</param>
    /// <param name="options">When to append; null for the defaults.</param>
    /// <param name="cancellationToken">Ends it; the online store then has to be opened again.</param>
    /// <exception cref="MlpException">As of <see cref="FeatureSinks.OpenAsync"/>.</exception>
    public static async Task<FeatureSink> OpenAsync(OnlineStore online, OfflineStore offline, EventSource source, string stream, FeatureSinkOptions? options = null, CancellationToken cancellationToken = default)
    {
        var sinks = await FeatureSinks.OpenAsync(online, offline, [new SinkStream(stream, source)], options, cancellationToken).ConfigureAwait(false);
        return sinks[stream];
    }

    /// <summary>Takes an event, in the order of offsets.</summary>
    /// <returns>False of an offset that was taken before: nothing has changed.</returns>
    /// <exception cref="MlpException">As of <see cref="OnlineStore.Push(EventSource, DateTime, ReadOnlySpan{FeatureValue})"/>, and then neither store has it; or as of <see cref="OfflineStore.Append"/>, if those that wait could not be appended: they wait on.</exception>
    public async ValueTask<bool> PushAsync(StreamEvent one, CancellationToken cancellationToken = default)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_hasEnded, this);
            ThrowIfFailed();
            if (one.Offset < Position)
            {
                return false;
            }

            if (_waiting.Count >= _options.BufferEventsMax)
            {
                await FlushHeldAsync(cancellationToken).ConfigureAwait(false);
            }

            _online.Push(_source, one.KnownAt, one.Values);
            if (_waiting.Count == 0)
            {
                _firstWaiting = one.Offset;
                _timer.Change(_options.FlushAfter, Timeout.InfiniteTimeSpan);
            }

            _waiting.Add([one.KnownAt, .. one.Values]);
            Position = one.Offset + 1;
            Newest = Newest > one.KnownAt ? Newest : one.KnownAt;
            _sinks.NoteFed();
            return true;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Takes a stream's events until there are no more.</summary>
    public async Task RunAsync(IEventStream stream, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        await foreach (var one in stream.ReadAsync(Position, cancellationToken).ConfigureAwait(false))
        {
            await PushAsync(one, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Appends what waits; once it returns, every event that was taken is durable.</summary>
    /// <exception cref="MlpException">As of <see cref="OfflineStore.Append"/>: the events wait on, and it may be repeated.</exception>
    public async Task FlushAsync(CancellationToken cancellationToken = default)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await FlushHeldAsync(cancellationToken).ConfigureAwait(false);
            _failure = null;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>
    /// Appends what waits and makes a checkpoint of the online store, so that less is brought to it when the sink is opened again. With several streams, that of all
    /// (<see cref="FeatureSinks.CheckpointAsync"/>).
    /// </summary>
    public Task CheckpointAsync(CancellationToken cancellationToken = default) => _sinks.CheckpointAsync(cancellationToken);

    /// <summary>Appends what waits, and ends. What came since the last checkpoint is brought to the online store when both are opened again.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        await FlushAsync().ConfigureAwait(false);
        if (!_hasEnded)
        {
            _hasEnded = true;
            _sinks.End();
        }
    }

    /// <summary>Keeps events from being taken until it is released.</summary>
    internal Task HoldAsync(CancellationToken cancellationToken) => _one.WaitAsync(cancellationToken);

    /// <summary>Events may be taken again.</summary>
    internal void Release() => _one.Release();

    /// <summary>Appends what waits, of a sink that is held.</summary>
    internal async Task FlushHeldAsync(CancellationToken cancellationToken)
    {
        if (_waiting.Count == 0)
        {
            return;
        }

        using (var staged = await _offline.StageAsync(_columns, Waiting(), cancellationToken).ConfigureAwait(false))
        {
            _offline.Append(_source, NameOf(_firstWaiting, Position - 1), staged.Query, cancellationToken);
        }

        DurablePosition = Position;
        _waiting.Clear();
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Finds where the stream is to be read from.</summary>
    /// <returns>Whether events of it are in the offline store.</returns>
    internal bool Find()
    {
        var batches = Batches();
        Position = DurablePosition = batches.Length == 0 ? 0 : batches.Max(b => b.Next);
        return batches.Length > 0;
    }

    /// <summary>Brings to the online store what it has not seen.</summary>
    internal void Resume(long seen, CancellationToken cancellationToken)
    {
        var unseen = Batches().Where(b => b.First >= seen).Select(b => b.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var batch in _offline.ReplayBatches(_source, unseen, cancellationToken))
        {
            _sinks.NoteFed();
            var values = new FeatureValue[_source.Columns.Length];
            for (var row = 0; row < batch.Count; row++)
            {
                for (var c = 0; c < values.Length; c++)
                {
                    values[c] = batch.Carried[c][row];
                }

                _online.Push(_source, batch.Times[row], values);
                Newest = Newest > batch.Times[row] ? Newest : batch.Times[row];
            }
        }
    }

    private (string Name, long First, long Next)[] Batches() => [.. _offline.BatchesOf(_source).Select(b => (Name: b, Offsets: OffsetsOf(b))).Where(b => b.Offsets is not null).Select(b => (b.Name, b.Offsets!.Value.First, b.Offsets.Value.Next))];

    private string NameOf(long first, long last) => string.Create(CultureInfo.InvariantCulture, $"{_stream}.{first:D19}-{last:D19}");

    // The offset behind a batch's last; null of a batch that is none of this stream's.
    private (long First, long Next)? OffsetsOf(string batch)
    {
        var offsets = batch.StartsWith($"{_stream}.", StringComparison.Ordinal) ? batch[(_stream.Length + 1)..].Split('-') : [];
        return offsets.Length == 2 && long.TryParse(offsets[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first) && long.TryParse(offsets[1], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            ? (first, last + 1)
            : null;
    }

    private async IAsyncEnumerable<FeatureValue[]> Waiting()
    {
        await Task.CompletedTask.ConfigureAwait(false);
        foreach (var row in _waiting)
        {
            yield return row;
        }
    }

    // Nobody awaits this one: what it fails with is thrown by the next push.
    private async Task FlushInTimeAsync()
    {
        try
        {
            await FlushAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is MlpException or IOException or ObjectDisposedException)
        {
            _failure = e;
        }
    }

    private void ThrowIfFailed()
    {
        if (_failure is { } failure)
        {
            throw new MlpException(failure is MlpException { Code: var code } ? code : FeatureErrors.StoreUnavailable, $"Events that waited could not be appended to the offline store; they wait on, and FlushAsync tries again: {failure.Message}", failure);
        }
    }
}
