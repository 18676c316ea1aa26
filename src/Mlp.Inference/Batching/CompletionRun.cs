namespace Mlp.Inference;

/// <summary>
/// The answers of one batch on their way to the callers. One thread hands them out one after another, running the callers' code
/// as it goes; if that code holds it, another thread takes what is left.
/// </summary>
internal sealed class CompletionRun(int rowsMax)
{
    private const int Taken = 1 << 30;

    private readonly PredictionRequest[] _items = new PredictionRequest[rowsMax];
    private int _count;
    private int _next;

    public int Count => _count;

    public ReadOnlySpan<PredictionRequest> Requests => _items.AsSpan(0, _count);

    /// <summary>Begins a batch. Here and not when the hand-out begins: another thread may take it over before this one comes to its first answer.</summary>
    public void Begin()
    {
        _count = 0;
        Volatile.Write(ref _next, 0);
    }

    public void Add(PredictionRequest request) => _items[_count++] = request;

    /// <summary>Hands out all answers on this thread.</summary>
    public void FinishHere()
    {
        for (var i = 0; i < _count; i = Interlocked.Increment(ref _next))
        {
            _items[i].Finish();
        }
    }

    /// <summary>Sends all answers to the pool.</summary>
    public void FinishElsewhere()
    {
        for (var i = 0; i < _count; i++)
        {
            _items[i].FinishElsewhere();
        }
    }

    /// <summary>Takes the answers that were not handed out yet and sends them to the pool.</summary>
    public void TakeRest()
    {
        for (var i = Interlocked.Exchange(ref _next, Taken) + 1; i < _count; i++)
        {
            _items[i].FinishElsewhere();
        }
    }
}
