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
    private const int StreamNameMax = 64;

    private readonly OnlineStore _online;
    private readonly OfflineStore _offline;
    private readonly EventSource _source;
    private readonly Column[] _columns;
    private readonly string _stream;
    private readonly FeatureSinkOptions _options;
    private readonly StreamPositions _positions;
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly List<FeatureValue[]> _waiting = [];
    private readonly ITimer _timer;
    private Exception? _failure;
    private long _firstWaiting;
    private DateTime? _newest;

    private FeatureSink(OnlineStore online, OfflineStore offline, EventSource source, string stream, FeatureSinkOptions options)
    {
        _online = online;
        _offline = offline;
        _source = source;
        _columns = [Column.Timestamp(source.TimeColumn), .. source.Columns];
        _stream = stream;
        _options = options;
        _positions = StreamPositions.Read(offline.MakeFolderOf(source), stream);
        _timer = options.Time.CreateTimer(static s => _ = ((FeatureSink)s!).FlushInTimeAsync(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The first offset that has not been taken: where the stream is to be read from.</summary>
    public long Position { get; private set; }

    /// <summary>The first offset that is not durable: where the stream is read from after a crash.</summary>
    public long DurablePosition { get; private set; }

    /// <summary>Opens a sink, and brings to the online store what its last checkpoint has not seen.</summary>
    /// <param name="online">Its views are all of the source.</param>
    /// <param name="offline">Where the history is.</param>
    /// <param name="source">What the events are.</param>
    /// <param name="stream">A name for the stream, the same each time: 1 to 64 letters, digits, dots, hyphens and underscores.</param>
    /// <param name="options">When to append; null for the defaults.</param>
    /// <param name="cancellationToken">Ends it; the online store then has to be opened again.</param>
    /// <exception cref="MlpException"><see cref="FeatureErrors.CountedTwice"/>: the online store's last checkpoint is none that this stream's sink made, so which events it has seen is not known.</exception>
    public static async Task<FeatureSink> OpenAsync(OnlineStore online, OfflineStore offline, EventSource source, string stream, FeatureSinkOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(online);
        ArgumentNullException.ThrowIfNull(offline);
        ArgumentNullException.ThrowIfNull(source);
        options ??= new FeatureSinkOptions();
        options.Validate();
        if (!PackagePath.IsName(stream) || stream.Length > StreamNameMax)
        {
            throw new ArgumentException($"'{stream}' is no name of a stream: expected 1 to {StreamNameMax} letters, digits, '.', '-', '_'.", nameof(stream));
        }

        if (online.Plans.FirstOrDefault(p => p.View.Source != source) is { } other)
        {
            throw new ArgumentException($"The online store has the view '{other.View.Name}' of '{other.View.Source.Name}'; a checkpoint is of the whole store, so one that a sink feeds has views of the sink's source alone.", nameof(online));
        }

        var sink = new FeatureSink(online, offline, source, stream, options);
        try
        {
            await Task.Run(() => sink.Resume(cancellationToken), cancellationToken).ConfigureAwait(false);
            return sink;
        }
        catch
        {
            await sink._timer.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Takes an event, in the order of offsets.</summary>
    /// <returns>False of an offset that was taken before: nothing has changed.</returns>
    /// <exception cref="MlpException">As of <see cref="OnlineStore.Push(EventSource, DateTime, ReadOnlySpan{FeatureValue})"/>, and then neither store has it; or as of <see cref="OfflineStore.Append"/>, if those that wait could not be appended: they wait on.</exception>
    public async ValueTask<bool> PushAsync(StreamEvent one, CancellationToken cancellationToken = default)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
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
            _newest = _newest > one.KnownAt ? _newest : one.KnownAt;
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

    /// <summary>Appends what waits and makes a checkpoint of the online store, so that less is brought to it when the sink is opened again.</summary>
    public async Task CheckpointAsync(CancellationToken cancellationToken = default)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await FlushHeldAsync(cancellationToken).ConfigureAwait(false);

            // Its time tells it from the one before, also where only late events came since.
            var last = _online.CompleteUntil ?? DateTime.MinValue;
            var until = (_newest is { } newest && newest > last ? newest : last).AddMicroseconds(1);
            _positions.Write(_online.CompleteUntil, until, Position);
            await _online.CheckpointAsync(until, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Appends what waits, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        await FlushAsync().ConfigureAwait(false);
        _one.Dispose();
    }

    private string NameOf(long first, long last) => string.Create(CultureInfo.InvariantCulture, $"{_stream}.{first:D19}-{last:D19}");

    // The offset behind a batch's last; null of a batch that is none of this stream's.
    private (long First, long Next)? OffsetsOf(string batch)
    {
        var offsets = batch.StartsWith($"{_stream}.", StringComparison.Ordinal) ? batch[(_stream.Length + 1)..].Split('-') : [];
        return offsets.Length == 2 && long.TryParse(offsets[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first) && long.TryParse(offsets[1], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            ? (first, last + 1)
            : null;
    }

    private void Resume(CancellationToken cancellationToken)
    {
        var batches = _offline.BatchesOf(_source).Select(b => (Name: b, Offsets: OffsetsOf(b))).Where(b => b.Offsets is not null).ToArray();
        Position = DurablePosition = batches.Length == 0 ? 0 : batches.Max(b => b.Offsets!.Value.Next);
        if (_positions.Of(_online.CompleteUntil) is not { } seen)
        {
            if (batches.Length > 0)
            {
                throw new MlpException(FeatureErrors.CountedTwice, $"The online store's last checkpoint, until {(_online.CompleteUntil is { } until ? until.ToString("O", CultureInfo.InvariantCulture) : "nothing")}, is none that the sink of the stream '{_stream}' made, so which of its events are in there is not known: remove the online store's folder, open it and the sink anew, or use a new stream's name for a store that was materialised.");
            }

            _positions.Write(_online.CompleteUntil, _online.CompleteUntil, seen = 0);
        }

        var unseen = batches.Where(b => b.Offsets!.Value.First >= seen).Select(b => b.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var batch in _offline.ReplayBatches(_source, unseen, cancellationToken))
        {
            var values = new FeatureValue[_source.Columns.Length];
            for (var row = 0; row < batch.Count; row++)
            {
                for (var c = 0; c < values.Length; c++)
                {
                    values[c] = batch.Carried[c][row];
                }

                _online.Push(_source, batch.Times[row], values);
                _newest = _newest > batch.Times[row] ? _newest : batch.Times[row];
            }
        }
    }

    private async Task FlushHeldAsync(CancellationToken cancellationToken)
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
