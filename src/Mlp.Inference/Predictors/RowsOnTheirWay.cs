namespace Mlp.Inference;

/// <summary>How many rows of one stream have no answer yet, and the wait for the next one. One thread sends and one takes answers.</summary>
internal sealed class RowsOnTheirWay : IDisposable
{
    private readonly SemaphoreSlim _answers = new(0);
    private int _count;

    /// <summary>Called before a row is sent.</summary>
    /// <returns>Whether others have no answer yet: then <see cref="NextAnswerAsync"/> ends.</returns>
    public bool Begin()
    {
        // Answers of the past; those of rows that are counted below come later.
        while (_answers.Wait(0))
        {
        }

        return Volatile.Read(ref _count) > 0;
    }

    /// <summary>Called when a row was sent, before its answer can be taken.</summary>
    public void Sent() => Interlocked.Increment(ref _count);

    /// <summary>Called when an answer was taken.</summary>
    public void Answered()
    {
        Interlocked.Decrement(ref _count);
        _answers.Release();
    }

    /// <summary>Waits for an answer that was not there yet at <see cref="Begin"/>.</summary>
    public Task NextAnswerAsync(CancellationToken cancellationToken) => _answers.WaitAsync(cancellationToken);

    public void Dispose() => _answers.Dispose();
}
