using System.Diagnostics;

namespace Mlp.Features;

/// <summary>
/// One entity's tiles in a record of the store: non-empty tiles in order of time, each with the sums over everything up to and
/// with it. Any window at any time is then two binary searches and a subtraction, whatever the number of events.
/// </summary>
/// <remarks>
/// All fields are 64-bit: count, base tile, base sums[k], then entries of tile, sums[k]. The base is what was trimmed away: the
/// newest tile that is gone and the sums up to it.
/// </remarks>
internal readonly unsafe struct TileLog(long* data, int lengthBytes, int accumulators)
{
    /// <summary>Base tile of a log from which nothing was trimmed.</summary>
    private const long NothingTrimmed = long.MinValue;

    private const int CapacityFirst = 4;

    private long* Bases => data + 2;

    private long* Entries => data + 2 + accumulators;

    private int Stride => 1 + accumulators;

    public int Count => (int)data[0];

    private int Capacity => ((lengthBytes / sizeof(long)) - 2 - accumulators) / Stride;

    public static long LengthBytes(long capacity, int accumulators) => sizeof(long) * (2 + accumulators + (capacity * (1 + accumulators)));

    public static int FirstLengthBytes(int accumulators) => (int)LengthBytes(CapacityFirst, accumulators);

    /// <summary>
    /// Tiles that a log never needs to hold more of: beside those that have to be kept, a quarter of it is gone then, which is what
    /// <see cref="Trim"/> asks for.
    /// </summary>
    public static long CapacityMax(long retentionTiles) => Math.Max(CapacityFirst, retentionTiles + (retentionTiles / 3) + 2);

    /// <summary>The length that a copy needs so that one more tile fits.</summary>
    public int GrownLengthBytes(ViewPlan plan) =>
        Count < Capacity ? lengthBytes : (int)LengthBytes(Math.Max(Capacity + 1, Math.Min(Capacity * 2L, CapacityMax(plan.RetentionTiles))), accumulators);

    public void Clear()
    {
        new Span<long>(data, 2 + accumulators).Clear();
        data[1] = NothingTrimmed;
    }

    public void CopyTo(TileLog larger)
    {
        Debug.Assert(larger.Capacity >= Count, "the copy holds all entries");
        var used = 2 + accumulators + (Count * Stride);
        new Span<long>(data, used).CopyTo(new Span<long>(larger.Data, used));
    }

    /// <summary>Adds sums to a tile.</summary>
    /// <param name="tile">The tile.</param>
    /// <param name="values">What its events add.</param>
    /// <param name="plan">Retention and lateness.</param>
    /// <param name="overflowing">The accumulator whose sum would not fit into 64 bits, of <see cref="TileAddition.Overflow"/>.</param>
    /// <returns>What became of it; but for <see cref="TileAddition.Added"/>, nothing has changed.</returns>
    public TileAddition TryAdd(long tile, ReadOnlySpan<long> values, ViewPlan plan, out int overflowing)
    {
        overflowing = -1;
        var count = Count;
        if (count > 0 && tile < Entries[(count - 1) * Stride] - plan.LatenessTiles)
        {
            return TileAddition.TooLate;
        }

        var at = LowerBound(tile);
        overflowing = Overflowing(at, tile, values);
        if (overflowing >= 0)
        {
            return TileAddition.Overflow;
        }

        if (at == count || Entries[at * Stride] != tile)
        {
            if (count == Capacity)
            {
                if (!Trim(plan, Math.Max(tile, Entries[(count - 1) * Stride])))
                {
                    return TileAddition.NoRoom;
                }

                count = Count;
                at = LowerBound(tile);
            }

            var from = Entries + (at * Stride);
            new Span<long>(from, (count - at) * Stride).CopyTo(new Span<long>(from + Stride, (count - at) * Stride));
            from[0] = tile;
            new ReadOnlySpan<long>(at == 0 ? Bases : from - accumulators, accumulators).CopyTo(new Span<long>(from + 1, accumulators));
            data[0] = ++count;
        }

        for (; at < count; at++)
        {
            var sums = Entries + (at * Stride) + 1;
            for (var k = 0; k < accumulators; k++)
            {
                sums[k] += values[k];
            }
        }

        return TileAddition.Added;
    }

    /// <summary>Computes the features of a view at a time.</summary>
    /// <returns>False where a window begins before what was trimmed: its value is no longer known.</returns>
    public bool Read(ViewPlan plan, long micros, Span<float> row)
    {
        var end = FeatureTime.Tile(micros, plan.TileMicros);
        if (data[1] != NothingTrimmed && end - plan.Windows[^1] <= data[1])
        {
            return false;
        }

        var last = SumsBefore(end);
        var window = -1;
        long* first = null;
        foreach (ref readonly var reading in plan.Readings.AsSpan())
        {
            // Features of one window usually stand together; the search is not repeated for them.
            if (reading.Window != window)
            {
                window = reading.Window;
                first = SumsBefore(end - plan.Windows[window]);
            }

            row[0] = Value(last[reading.Accumulator] - first[reading.Accumulator], last[0] - first[0], reading.Divided);
            row = row[1..];
        }

        return true;
    }

    /// <summary>The one place where sums become a feature; SQL does the same: double division, then rounding to float.</summary>
    public static float Value(long sum, long events, bool divided) =>
        !divided ? sum : events == 0 ? float.NaN : (float)((double)sum / events);

    private long* Data => data;

    private long* SumsBefore(long tile)
    {
        var at = LowerBound(tile);
        return at == 0 ? Bases : Entries + ((at - 1) * Stride) + 1;
    }

    // Sums run from an entity's first event on. Should one not fit, no window over it could be trusted.
    private int Overflowing(int at, long tile, ReadOnlySpan<long> values)
    {
        var isNew = at == Count || Entries[at * Stride] != tile;
        var before = at == 0 ? Bases : Entries + ((at - 1) * Stride) + 1;
        for (var k = 0; k < accumulators; k++)
        {
            if (isNew && Overflows(before[k], values[k]))
            {
                return k;
            }

            for (var i = at; i < Count; i++)
            {
                if (Overflows(Entries[(i * Stride) + 1 + k], values[k]))
                {
                    return k;
                }
            }
        }

        return -1;
    }

    private static bool Overflows(long sum, long value)
    {
        var total = unchecked(sum + value);
        return ((sum ^ total) & (value ^ total)) < 0;
    }

    // Index of the first entry that is not before a tile.
    private int LowerBound(long tile)
    {
        int low = 0, high = Count;

        // Most events and reads are about now: look at the end first.
        if (high > 0 && Entries[(high - 1) * Stride] < tile)
        {
            return high;
        }

        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (Entries[middle * Stride] < tile)
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

    // Frees a quarter at least, or nothing: trimming one at a time would move the whole log for each event.
    private bool Trim(ViewPlan plan, long newest)
    {
        var gone = LowerBound(newest - plan.RetentionTiles);
        if (gone < Math.Max(1, Count / 4))
        {
            return false;
        }

        var dropped = Entries + ((gone - 1) * Stride);
        data[1] = dropped[0];
        new ReadOnlySpan<long>(dropped + 1, accumulators).CopyTo(new Span<long>(Bases, accumulators));
        new Span<long>(Entries + (gone * Stride), (Count - gone) * Stride).CopyTo(new Span<long>(Entries, (Count - gone) * Stride));
        data[0] = Count - gone;
        return true;
    }
}

/// <summary>What became of sums that were to be added to a log.</summary>
internal enum TileAddition
{
    Added,

    /// <summary>The tile lies further behind the newest than the view's lateness.</summary>
    TooLate,

    /// <summary>The record is too small: a larger copy is needed.</summary>
    NoRoom,

    /// <summary>A sum would not fit into 64 bits.</summary>
    Overflow,
}
