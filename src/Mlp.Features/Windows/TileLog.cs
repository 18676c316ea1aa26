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

    public static int LengthBytes(int capacity, int accumulators) => sizeof(long) * (2 + accumulators + (capacity * (1 + accumulators)));

    public static int FirstLengthBytes(int accumulators) => LengthBytes(CapacityFirst, accumulators);

    /// <summary>The length that a copy needs so that one more tile fits.</summary>
    public int GrownLengthBytes() => Count < Capacity ? lengthBytes : LengthBytes(Capacity * 2, accumulators);

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
    /// <param name="tooLate">Whether the tile was too late and nothing changed.</param>
    /// <returns>False where the record is too small; nothing has changed then.</returns>
    public bool TryAdd(long tile, ReadOnlySpan<long> values, ViewPlan plan, out bool tooLate)
    {
        tooLate = false;
        var count = Count;
        if (count > 0 && tile < Entries[(count - 1) * Stride] - plan.LatenessTiles)
        {
            tooLate = true;
            return true;
        }

        var at = LowerBound(tile);
        if (at == count || Entries[at * Stride] != tile)
        {
            if (count == Capacity)
            {
                if (!Trim(plan, Math.Max(tile, Entries[(count - 1) * Stride])))
                {
                    return false;
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

        return true;
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
