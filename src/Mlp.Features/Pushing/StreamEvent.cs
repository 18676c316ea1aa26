namespace Mlp.Features;

/// <summary>An event of a stream.</summary>
/// <param name="Offset">Its number in the stream; each is larger than the one before.</param>
/// <param name="KnownAt">When it became known, UTC: the source's time column.</param>
/// <param name="Values">The source's other columns, in their order.</param>
public readonly record struct StreamEvent(long Offset, DateTime KnownAt, FeatureValue[] Values);

/// <summary>A stream of a source's events that can be read again from an offset on, such as a partition of a topic.</summary>
public interface IEventStream
{
    /// <summary>Reads on, until there are no more or it is cancelled.</summary>
    /// <param name="from">The first offset that is wanted.</param>
    /// <param name="cancellationToken">Ends it.</param>
    IAsyncEnumerable<StreamEvent> ReadAsync(long from, CancellationToken cancellationToken);
}
