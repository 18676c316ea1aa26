namespace Mlp.Features;

/// <summary>
/// The events inside the lateness, in order of time, with their columns: what a tile needs to be computed anew when one is
/// retracted. A retracted event stays as long, with the tile of its retraction: a request before that still sees it.
/// </summary>
internal readonly unsafe struct KeptEvents(long* record, WindowPlan plan)
{
    /// <summary>The retraction's tile of an event that stands.</summary>
    public const long Stands = long.MaxValue;

    private readonly long* _events = record + WindowLayout.Of(record).KeptAt(plan);

    public int Count => (int)record[WindowHeader.Kept];

    public bool IsFull => Count == record[WindowHeader.KeptRoom];

    public int RetractedCount => (int)record[WindowHeader.Retracted];

    public long Micros(int at) => Event(at)[0];

    public long RetractedTile(int at) => Event(at)[1];

    public ReadOnlySpan<long> Words(int at) => new(Event(at) + 2, plan.Columns.Length);

    /// <summary>Index of the first event that is not before a time.</summary>
    public int LowerBound(long micros)
    {
        int low = 0, high = Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (Micros(middle) < micros)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    public void Add(long micros, ReadOnlySpan<long> words)
    {
        var count = Count;
        var at = LowerBound(micros);
        var stride = plan.KeptStride;
        new Span<long>(Event(at), (count - at) * stride).CopyTo(new Span<long>(Event(at + 1), (count - at) * stride));
        Event(at)[0] = micros;
        Event(at)[1] = Stands;
        words.CopyTo(new Span<long>(Event(at) + 2, words.Length));
        record[WindowHeader.Kept] = count + 1;
    }

    /// <summary>The standing event of a time and of columns; −1 for none.</summary>
    public int Find(long micros, ReadOnlySpan<long> words)
    {
        for (var at = LowerBound(micros); at < Count && Micros(at) == micros; at++)
        {
            if (RetractedTile(at) == Stands && Words(at).SequenceEqual(words))
            {
                return at;
            }
        }

        return -1;
    }

    public void Retract(int at, long tile)
    {
        Event(at)[1] = tile;
        record[WindowHeader.Retracted]++;
    }

    /// <summary>Forgets the events before a tile.</summary>
    public void Purge(long tile)
    {
        var count = Count;
        var gone = 0;
        while (gone < count && plan.Tile(Micros(gone)) < tile)
        {
            record[WindowHeader.Retracted] -= RetractedTile(gone) == Stands ? 0 : 1;
            gone++;
        }

        var left = (count - gone) * plan.KeptStride;
        new Span<long>(Event(gone), left).CopyTo(new Span<long>(_events, left));
        record[WindowHeader.Kept] = count - gone;
    }

    public void CopyTo(KeptEvents larger) =>
        new ReadOnlySpan<long>(_events, Count * plan.KeptStride).CopyTo(new Span<long>(larger._events, Count * plan.KeptStride));

    private long* Event(int at) => _events + (at * plan.KeptStride);
}
