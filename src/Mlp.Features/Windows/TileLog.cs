using System.Diagnostics;

namespace Mlp.Features;

/// <summary>
/// One entity's tiles in a record of the store: non-empty tiles in order of time, each with the sums over everything up to and
/// with it, and with its states. Sums of any window are then two searches and a subtraction; its states are merged from a few groups of tiles.
/// </summary>
internal readonly unsafe struct TileLog
{
    /// <summary>Base tile of a log from which nothing was trimmed.</summary>
    public const long NothingTrimmed = long.MinValue;

    private const int CapacityLeast = 4;
    private readonly long* _record;
    private readonly long* _entries;
    private readonly long* _groups;
    private readonly WindowPlan _plan;

    public TileLog(long* record, WindowPlan plan)
    {
        var layout = WindowLayout.Of(record);
        _record = record;
        _entries = record + layout.TilesAt(plan);
        _groups = record + layout.GroupsAt(plan);
        _plan = plan;
    }

    public int Count => (int)_record[WindowHeader.Tiles];

    public bool IsFull => Count == _record[WindowHeader.TilesRoom];

    /// <summary>
    /// Tiles that a log never needs to hold more of: beside those that have to be kept, a quarter of it is gone then, which is what
    /// <see cref="Trim"/> asks for.
    /// </summary>
    public static long CapacityMax(long retentionTiles) => Math.Max(CapacityLeast, retentionTiles + (retentionTiles / 3) + 2);

    public long TileAt(int at) => _entries[at * _plan.Stride];

    /// <summary>The sums over everything before an entry.</summary>
    public long* SumsBefore(int at) => at == 0 ? _record + WindowLayout.HeaderWords : Entry(at - 1) + 1;

    /// <summary>Index of the first entry that is not before a tile.</summary>
    public int LowerBound(long tile)
    {
        int low = 0, high = Count;

        // Most events and reads are about now: look at the end first.
        if (high > 0 && TileAt(high - 1) < tile)
        {
            return high;
        }

        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (TileAt(middle) < tile)
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

    public bool Has(int at, long tile) => at < Count && TileAt(at) == tile;

    /// <summary>Sums run from an entity's first event on; should one not fit, no window over it could be trusted.</summary>
    /// <returns>The sum that a delta does not fit into, in an entry or a later one; −1 where all do.</returns>
    public int Overflowing(int at, bool isNew, ReadOnlySpan<long> delta)
    {
        if (isNew && Overflowing(SumsBefore(at), delta) is var first && first >= 0)
        {
            return first;
        }

        for (var i = at; i < Count; i++)
        {
            if (Overflowing(Entry(i) + 1, delta) is var sum && sum >= 0)
            {
                return sum;
            }
        }

        return -1;
    }

    /// <summary>Adds a delta to a tile, and its sums to all later ones.</summary>
    /// <param name="at">Where the tile stands, or has to be put.</param>
    /// <param name="tile">The tile.</param>
    /// <param name="isNew">Whether it has to be put; there is room then.</param>
    /// <param name="delta">What is added.</param>
    public void Add(int at, long tile, bool isNew, long* delta)
    {
        var sumWords = _plan.SumWords;
        if (isNew)
        {
            Insert(at, tile);
        }

        for (var i = at; i < Count; i++)
        {
            AddSums(Entry(i) + 1, delta);
        }

        if (_plan.StateWords == 0)
        {
            return;
        }

        TileStates.Merge(_plan, Entry(at) + 1 + sumWords, delta + sumWords);
        if (isNew && at < Count - 1)
        {
            Regroup(at);
        }
        else
        {
            MergeIntoGroups(at, delta + sumWords);
        }
    }

    /// <summary>Takes a delta's sums away again, and gives the tile its states anew.</summary>
    public void Remove(int at, long* negated, long* states)
    {
        for (var i = at; i < Count; i++)
        {
            AddSums(Entry(i) + 1, negated);
        }

        if (_plan.StateWords > 0)
        {
            new ReadOnlySpan<long>(states, _plan.StateWords).CopyTo(new Span<long>(Entry(at) + 1 + _plan.SumWords, _plan.StateWords));
            Regroup(at);
        }
    }

    /// <summary>Merges the states of a range of entries into others: of as large groups as lie in it.</summary>
    public void MergeStates(int from, int until, long* into)
    {
        while (from < until)
        {
            // The largest group that begins here and ends in the range.
            var shift = 0;
            while ((from & ((1 << (shift + WindowPlan.BlockShift)) - 1)) == 0 && from + (1 << (shift + WindowPlan.BlockShift)) <= until)
            {
                shift += WindowPlan.BlockShift;
            }

            TileStates.Merge(_plan, into, shift == 0 ? Entry(from) + 1 + _plan.SumWords : Group(shift, from >> shift));
            from += 1 << shift;
        }
    }

    /// <summary>Forgets what no window needs: a quarter at least, or nothing, as trimming one at a time would move the whole log for each event.</summary>
    /// <param name="newest">The newest tile.</param>
    /// <param name="whatever">Whether less than a quarter will do.</param>
    public bool Trim(long newest, bool whatever)
    {
        var count = Count;
        var gone = LowerBound(newest - _plan.RetentionTiles);
        if (gone < Math.Max(1, whatever ? 1 : count / 4))
        {
            return false;
        }

        var dropped = Entry(gone - 1);
        _record[WindowHeader.Base] = dropped[0];
        new ReadOnlySpan<long>(dropped + 1, _plan.SumWords).CopyTo(new Span<long>(_record + WindowLayout.HeaderWords, _plan.SumWords));
        new Span<long>(Entry(gone), (count - gone) * _plan.Stride).CopyTo(new Span<long>(_entries, (count - gone) * _plan.Stride));
        _record[WindowHeader.Tiles] = count - gone;
        Regroup(0);
        return true;
    }

    public void CopyTo(TileLog larger)
    {
        var words = Count * _plan.Stride;
        new ReadOnlySpan<long>(_record + WindowLayout.HeaderWords, _plan.SumWords).CopyTo(new Span<long>(larger._record + WindowLayout.HeaderWords, _plan.SumWords));
        new ReadOnlySpan<long>(_entries, words).CopyTo(new Span<long>(larger._entries, words));
        larger.Regroup(0);
    }

    private long* Entry(int at) => _entries + (at * _plan.Stride);

    private void Insert(int at, long tile)
    {
        Debug.Assert(!IsFull, "there is room");
        var stride = _plan.Stride;
        var sumWords = _plan.SumWords;
        var count = Count;
        var entry = Entry(at);
        if (at < count)
        {
            new Span<long>(entry, (count - at) * stride).CopyTo(new Span<long>(entry + stride, (count - at) * stride));
        }

        entry[0] = tile;
        new ReadOnlySpan<long>(SumsBefore(at), sumWords).CopyTo(new Span<long>(entry + 1, sumWords));
        TileStates.Clear(_plan, entry + 1 + sumWords);
        _record[WindowHeader.Tiles] = count + 1;
    }

    private void AddSums(long* sums, long* delta)
    {
        var narrow = _plan.Narrow;
        for (var s = 0; s < narrow; s++)
        {
            sums[s] += delta[s];
        }

        for (var at = narrow; at < _plan.SumWords; at += 2)
        {
            var low = (ulong)sums[at] + (ulong)delta[at];
            sums[at + 1] += delta[at + 1] + (low < (ulong)delta[at] ? 1 : 0);
            sums[at] = (long)low;
        }
    }

    private int Overflowing(long* sums, ReadOnlySpan<long> delta)
    {
        var narrow = _plan.Narrow;
        for (var s = 0; s < narrow; s++)
        {
            var total = unchecked(sums[s] + delta[s]);
            if (((sums[s] ^ total) & (delta[s] ^ total)) < 0)
            {
                return s;
            }
        }

        for (var s = narrow; s < _plan.Sums.Length; s++)
        {
            var at = narrow + (2 * (s - narrow));
            var low = (ulong)sums[at] + (ulong)delta[at];
            var total = unchecked(sums[at + 1] + delta[at + 1] + (low < (ulong)delta[at] ? 1 : 0));
            if (((sums[at + 1] ^ total) & (delta[at + 1] ^ total)) < 0)
            {
                return s;
            }
        }

        return -1;
    }

    // Groups of 8 stand first, as many as there may be; then those of 64, and so on.
    private long* Group(int shift, int at)
    {
        var groups = _groups;
        var size = (int)_record[WindowHeader.TilesRoom];
        for (var level = WindowPlan.BlockShift; ; level += WindowPlan.BlockShift)
        {
            if (level == shift)
            {
                return groups + (at * _plan.StateWords);
            }

            size = (size + 7) >> WindowPlan.BlockShift;
            groups += size * _plan.StateWords;
        }
    }

    private void MergeIntoGroups(int at, long* states)
    {
        var words = _plan.StateWords;
        var groups = _groups;
        for (var size = (int)_record[WindowHeader.TilesRoom]; size > 1;)
        {
            // A group that no tile has opened yet holds the states of nothing.
            at >>= WindowPlan.BlockShift;
            size = (size + 7) >> WindowPlan.BlockShift;
            TileStates.Merge(_plan, groups + (at * words), states);
            groups += size * words;
        }
    }

    /// <summary>Computes every group that holds an entry or a later one.</summary>
    public void Regroup(int at)
    {
        var words = _plan.StateWords;
        if (words == 0)
        {
            return;
        }

        long* below = _entries + 1 + _plan.SumWords;
        var belowStride = _plan.Stride;
        var groups = _groups;
        var count = Count;
        for (var size = (int)_record[WindowHeader.TilesRoom]; size > 1;)
        {
            at >>= WindowPlan.BlockShift;
            size = (size + 7) >> WindowPlan.BlockShift;
            for (var g = at; g < size; g++)
            {
                var group = groups + (g * words);
                TileStates.Clear(_plan, group);
                for (var i = g << WindowPlan.BlockShift; i < Math.Min(count, (g + 1) << WindowPlan.BlockShift); i++)
                {
                    TileStates.Merge(_plan, group, below + (i * belowStride));
                }
            }

            count = (count + 7) >> WindowPlan.BlockShift;
            below = groups;
            belowStride = words;
            groups += size * words;
        }
    }
}
