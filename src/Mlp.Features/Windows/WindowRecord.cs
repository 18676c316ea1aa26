namespace Mlp.Features;

/// <summary>
/// An entity's state of a windowed view, in a record of the online store or in a buffer of a replay: what it says at a time is a
/// function of the events that were added and not retracted, whatever the order in which they came.
/// </summary>
internal readonly unsafe struct WindowRecord(long* record, WindowPlan plan)
{
    private TileLog Tiles => new(record, plan);

    private KeptEvents Kept => new(record, plan);

    private SketchBlocks Blocks => new(record, plan);

    /// <summary>Makes an empty record.</summary>
    public void Clear(WindowLayout layout)
    {
        new Span<long>(record, layout.TilesAt(plan)).Clear();
        record[WindowHeader.Base] = TileLog.NothingTrimmed;
        record[WindowHeader.Newest] = long.MinValue;
        Lay(layout);
        Tiles.Regroup(0);
    }

    /// <summary>Copies into a record with more room.</summary>
    public void CopyTo(WindowRecord larger, WindowLayout layout)
    {
        new ReadOnlySpan<long>(record, WindowLayout.HeaderWords).CopyTo(new Span<long>(larger.Data, WindowLayout.HeaderWords));
        larger.Lay(layout);
        Tiles.CopyTo(larger.Tiles);
        Kept.CopyTo(larger.Kept);
        Blocks.CopyTo(larger.Blocks);
    }

    /// <summary>Adds an event. But for <see cref="WindowOutcome.Changed"/>, nothing has changed.</summary>
    /// <param name="micros">When it became known.</param>
    /// <param name="words">Its columns.</param>
    /// <param name="dryRun">Whether only to say what would become of it.</param>
    /// <param name="overflowing">The sum it does not fit into.</param>
    public WindowOutcome Add(long micros, ReadOnlySpan<long> words, bool dryRun, out int overflowing)
    {
        var delta = stackalloc long[plan.DeltaWords];
        overflowing = WindowDelta.Of(plan, micros, words, new Span<long>(delta, plan.DeltaWords));
        var tile = plan.Tile(micros);
        var newest = Math.Max(record[WindowHeader.Newest], tile);
        if (overflowing >= 0)
        {
            return WindowOutcome.Overflow;
        }

        if (tile < newest - plan.LatenessTiles)
        {
            return WindowOutcome.TooLate;
        }

        var outcome = WindowOutcome.Changed;
        if (plan.KeptMax > 0 || plan.Sketches.Length > 0)
        {
            // Making room forgets what the event would make old: it has to be one that is taken.
            outcome = AddTile(tile, delta, dryRun: true, out overflowing);
            outcome = outcome == WindowOutcome.Changed ? Room(newest, dryRun) : outcome;
        }

        if (outcome == WindowOutcome.Changed)
        {
            outcome = AddTile(tile, delta, dryRun, out overflowing);
        }

        if (outcome != WindowOutcome.Changed || dryRun)
        {
            return outcome;
        }

        if (plan.KeptMax > 0)
        {
            Kept.Add(micros, words);
        }

        if (plan.Sketches.Length > 0)
        {
            Blocks.Add(tile, words, 1);
        }

        return outcome;
    }

    /// <summary>Adds a whole tile's sums and states, or an event's: of a view without sketches and kept events that is all.</summary>
    public WindowOutcome AddTile(long tile, long* delta, bool dryRun, out int overflowing)
    {
        overflowing = -1;
        var newest = Math.Max(record[WindowHeader.Newest], tile);
        if (tile < newest - plan.LatenessTiles)
        {
            return WindowOutcome.TooLate;
        }

        var tiles = Tiles;
        var at = tiles.LowerBound(tile);
        var isNew = !tiles.Has(at, tile);
        overflowing = tiles.Overflowing(at, isNew, new ReadOnlySpan<long>(delta, plan.SumWords));
        if (overflowing >= 0)
        {
            return WindowOutcome.Overflow;
        }

        if (dryRun)
        {
            return WindowOutcome.Changed;
        }

        if (isNew && tiles.IsFull)
        {
            if (!Trim(newest, whatever: false))
            {
                return WindowOutcome.NoRoom;
            }

            at = tiles.LowerBound(tile);
        }

        tiles.Add(at, tile, isNew, delta);
        record[WindowHeader.Newest] = newest;
        return WindowOutcome.Changed;
    }

    /// <summary>Takes an event back. But for <see cref="WindowOutcome.Changed"/>, nothing has changed.</summary>
    /// <param name="micros">When the event had become known.</param>
    /// <param name="knownMicros">When its retraction became known.</param>
    /// <param name="words">The event's columns.</param>
    /// <param name="dryRun">Whether only to say what would become of it.</param>
    /// <param name="overflowing">The sum that would not fit.</param>
    public WindowOutcome Retract(long micros, long knownMicros, ReadOnlySpan<long> words, bool dryRun, out int overflowing)
    {
        overflowing = -1;
        var tile = plan.Tile(micros);
        var newest = Math.Max(record[WindowHeader.Newest], plan.Tile(knownMicros));
        if (tile < newest - plan.LatenessTiles)
        {
            return WindowOutcome.TooLate;
        }

        var kept = Kept;
        var at = kept.Find(micros, words);
        if (at < 0)
        {
            return WindowOutcome.Unknown;
        }

        var delta = stackalloc long[plan.DeltaWords];
        WindowDelta.Of(plan, micros, words, new Span<long>(delta, plan.DeltaWords));
        WindowDelta.Negate(plan, new Span<long>(delta, plan.SumWords));
        var tiles = Tiles;
        var entry = tiles.LowerBound(tile);
        overflowing = tiles.Overflowing(entry, isNew: false, new ReadOnlySpan<long>(delta, plan.SumWords));
        if (overflowing >= 0 || dryRun)
        {
            return overflowing >= 0 ? WindowOutcome.Overflow : WindowOutcome.Changed;
        }

        kept.Retract(at, plan.Tile(knownMicros));
        tiles.Remove(entry, delta, StatesOf(tile, delta));
        if (plan.Sketches.Length > 0)
        {
            Blocks.Add(tile, words, -1);
        }

        record[WindowHeader.Newest] = newest;
        return WindowOutcome.Changed;
    }

    private long* Data => record;

    private void Lay(WindowLayout layout)
    {
        record[WindowHeader.TilesRoom] = layout.Tiles;
        record[WindowHeader.KeptRoom] = layout.Kept;
        record[WindowHeader.BlocksRoom] = layout.Blocks;
        record[WindowHeader.ItemsRoom] = layout.Items;
    }

    // Whether what one event may need beside its tile is there, or is after what is old has gone.
    private WindowOutcome Room(long newest, bool dryRun)
    {
        var outcome = plan.KeptMax > 0 && Kept.IsFull ? RoomToKeep(newest, dryRun) : WindowOutcome.Changed;
        return outcome == WindowOutcome.Changed && plan.Sketches.Length > 0 && Blocks.IsFull ? RoomInSketches(newest, dryRun) : outcome;
    }

    private WindowOutcome RoomToKeep(long newest, bool dryRun)
    {
        var isFull = Kept.Count == plan.KeptMax;
        if (dryRun)
        {
            return isFull && plan.Tile(Kept.Micros(0)) >= newest - plan.LatenessTiles ? WindowOutcome.KeptFull : WindowOutcome.Changed;
        }

        Kept.Purge(newest - plan.LatenessTiles);
        return !Kept.IsFull ? WindowOutcome.Changed : isFull ? WindowOutcome.KeptFull : WindowOutcome.NoRoom;
    }

    private WindowOutcome RoomInSketches(long newest, bool dryRun)
    {
        var isLargest = record[WindowHeader.BlocksRoom] == WindowLayout.Largest(plan).Blocks;
        var isFull = Blocks.ItemCount >= plan.View.SketchItemsMax;
        if (dryRun)
        {
            return isFull && Tiles.TileAt(0) >= newest - plan.RetentionTiles ? WindowOutcome.SketchFull : WindowOutcome.Changed;
        }

        return Trim(newest, whatever: isFull || isLargest) && !Blocks.IsFull ? WindowOutcome.Changed
            : Blocks.ItemCount >= plan.View.SketchItemsMax ? WindowOutcome.SketchFull
            : WindowOutcome.NoRoom;
    }

    private bool Trim(long newest, bool whatever)
    {
        if (!Tiles.Trim(newest, whatever))
        {
            return false;
        }

        // A block that ends with the base tile or before is of no window that can still be read.
        Blocks.Trim(record[WindowHeader.Base] + 2);
        return true;
    }

    // The states of a tile's events that still stand.
    private long* StatesOf(long tile, long* delta)
    {
        var states = delta + plan.SumWords;
        TileStates.Clear(plan, states);
        if (plan.StateWords == 0)
        {
            return states;
        }

        var one = stackalloc long[plan.DeltaWords];
        var kept = Kept;
        for (var at = kept.LowerBound(tile * plan.TileMicros); at < kept.Count && plan.Tile(kept.Micros(at)) == tile; at++)
        {
            if (kept.RetractedTile(at) == KeptEvents.Stands)
            {
                WindowDelta.Of(plan, kept.Micros(at), kept.Words(at), new Span<long>(one, plan.DeltaWords));
                TileStates.Merge(plan, states, one + plan.SumWords);
            }
        }

        return states;
    }
}

/// <summary>What became of an event or a retraction.</summary>
internal enum WindowOutcome
{
    Changed,

    /// <summary>Its tile lies further behind the newest than the view's lateness.</summary>
    TooLate,

    /// <summary>The record is too small: a larger copy is needed.</summary>
    NoRoom,

    /// <summary>A sum would not fit.</summary>
    Overflow,

    /// <summary>As many events as may be kept for retractions are.</summary>
    KeptFull,

    /// <summary>The sketches hold as many items as they may.</summary>
    SketchFull,

    /// <summary>The event that is retracted is not there.</summary>
    Unknown,
}
