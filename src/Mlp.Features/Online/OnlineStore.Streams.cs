using Mlp.Core;

namespace Mlp.Features;

/// <content>Streams that feed the store: how far each has come is in the checkpoint that has its events.</content>
public sealed partial class OnlineStore
{
    private IReadOnlyList<KeyValuePair<string, long>> _streams = [];
    private bool _hasCheckpoint;
    private string? _fedBy;

    /// <summary>Whether there is a checkpoint: without one, the store has been opened empty.</summary>
    internal bool HasCheckpoint => _hasCheckpoint;

    /// <summary>Of each stream the first offset that the last checkpoint has not.</summary>
    internal IReadOnlyList<KeyValuePair<string, long>> Streams => _streams;

    /// <summary>From here on checkpoints are those of whoever feeds the store alone.</summary>
    /// <exception cref="InvalidOperationException">The store is fed already, or what fed it left events that are in no checkpoint.</exception>
    internal void BeginFeed(string streams)
    {
        if (_options.Durability != StoreDurability.Checkpoints)
        {
            throw new InvalidOperationException($"The store in {_folder} was opened with {nameof(StoreDurability)}.{_options.Durability}, and a sink needs {nameof(StoreDurability)}.{nameof(StoreDurability.Checkpoints)}: a checkpoint of the store's own does not say how far each stream is in it. What a crash loses is read again from the stream.");
        }

        if (Interlocked.CompareExchange(ref _fedBy, streams, null) is { } other)
        {
            throw new InvalidOperationException($"The store in {_folder} is fed by {other}, which is open, or left events that are in no checkpoint: open one FeatureSinks for all streams that feed a store, make its checkpoint before it is disposed, or open the store again.");
        }
    }

    /// <summary>Everything that was fed is in a checkpoint: whoever wants may make the next.</summary>
    internal void EndFeed() => Volatile.Write(ref _fedBy, null);

    /// <summary>A checkpoint of whoever feeds the store.</summary>
    internal Task CheckpointAsync(DateTime completeUntil, IEnumerable<KeyValuePair<string, long>> streams, CancellationToken cancellationToken) =>
        SaveAsync(FeatureTime.Micros(completeUntil), [.. streams.OrderBy(s => s.Key, StringComparer.Ordinal)], cancellationToken);

    /// <summary>Refuses history to be loaded over streams: whose events are among it is not known.</summary>
    internal void RequireNoStreams()
    {
        RequireUnfed();
        if (_streams.Count > 0)
        {
            throw new MlpException(FeatureErrors.CountedTwice, $"The store in {_folder} is fed by streams ({string.Join(", ", _streams.Select(s => s.Key))}), and history would count their events again: open their sink, which brings what the store has not seen, or materialise into a new store.");
        }
    }

    private void RequireUnfed()
    {
        if (Volatile.Read(ref _fedBy) is { } streams)
        {
            throw new InvalidOperationException($"The store in {_folder} is fed by {streams}: its checkpoints are those of the sink (FeatureSink.CheckpointAsync), which say how far each stream is in them.");
        }
    }
}
