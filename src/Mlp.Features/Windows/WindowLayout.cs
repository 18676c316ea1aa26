namespace Mlp.Features;

/// <summary>How a record of a windowed view is laid out: room for so many tiles, kept events, blocks of sketches and items in them.</summary>
/// <remarks>
/// All fields are 64-bit. A header; the sums of what was trimmed away; tiles, each with the sums of everything up to and with it and
/// its own states; merged states of every 8, 64, … tiles; kept events; the sketches' blocks; their items.
/// </remarks>
internal readonly record struct WindowLayout(int Tiles, int Kept, int Blocks, int Items)
{
    public const int HeaderWords = 12;
    private const int TilesFirst = 4;
    private const int KeptFirst = 4;

    public int TilesAt(WindowPlan plan) => HeaderWords + plan.SumWords;

    public int GroupsAt(WindowPlan plan) => TilesAt(plan) + (Tiles * plan.Stride);

    public int KeptAt(WindowPlan plan) => GroupsAt(plan) + (GroupsOf(Tiles, plan.StateWords) * plan.StateWords);

    public int BlocksAt(WindowPlan plan) => KeptAt(plan) + (Kept * plan.KeptStride);

    public int ItemsAt(WindowPlan plan) => BlocksAt(plan) + (2 * Blocks);

    public long Bytes(WindowPlan plan) => sizeof(long) * (HeaderWords + plan.SumWords
        + ((long)Tiles * plan.Stride) + ((long)GroupsOf(Tiles, plan.StateWords) * plan.StateWords) + ((long)Kept * plan.KeptStride) + (2L * Blocks) + (2L * Items));

    /// <summary>Groups of 8, 64, … tiles, until one holds all.</summary>
    public static int GroupsOf(int tiles, int stateWords)
    {
        var groups = 0;
        for (long size = tiles; stateWords > 0 && size > 1;)
        {
            size = (size + 7) >> WindowPlan.BlockShift;
            groups += (int)size;
        }

        return groups;
    }

    /// <summary>That of a new record.</summary>
    public static WindowLayout First(WindowPlan plan) =>
        new(TilesFirst, Math.Min(plan.KeptMax, KeptFirst), plan.ItemsAnEvent, plan.ItemsAnEvent);

    /// <summary>That of a copy in which what is full has twice the room.</summary>
    public static unsafe WindowLayout Grown(WindowPlan plan, long* record)
    {
        var now = Of(record);
        var most = Largest(plan);
        return new WindowLayout(
            record[WindowHeader.Tiles] < now.Tiles ? now.Tiles : Twice(now.Tiles, most.Tiles),
            record[WindowHeader.Kept] < now.Kept ? now.Kept : Twice(now.Kept, most.Kept),
            record[WindowHeader.Blocks] + plan.ItemsAnEvent <= now.Blocks ? now.Blocks : Twice(now.Blocks, most.Blocks),
            record[WindowHeader.Items] + plan.ItemsAnEvent <= now.Items ? now.Items : Twice(now.Items, most.Items));
    }

    public static unsafe WindowLayout Of(long* record) =>
        new((int)record[WindowHeader.TilesRoom], (int)record[WindowHeader.KeptRoom], (int)record[WindowHeader.BlocksRoom], (int)record[WindowHeader.ItemsRoom]);

    /// <summary>What no record outgrows; int.MaxValue tiles of a view that would need more.</summary>
    public static WindowLayout Largest(WindowPlan plan)
    {
        var tiles = (int)Math.Min(int.MaxValue, TileLog.CapacityMax(plan.RetentionTiles));
        if (plan.Sketches.Length == 0)
        {
            return new WindowLayout(tiles, plan.KeptMax, 0, 0);
        }

        // At SketchItemsMax an event is refused; the last one before it may have added all that one can.
        var items = plan.View.SketchItemsMax + plan.ItemsAnEvent;
        long blocks = 0;
        for (var level = 0; level <= plan.Levels; level++)
        {
            blocks += ((long)tiles >> (WindowPlan.BlockShift * level)) + 4;
        }

        return new WindowLayout(tiles, plan.KeptMax, (int)Math.Min(items, (blocks * plan.Sketches.Length) + plan.ItemsAnEvent), items);
    }

    private static int Twice(int room, int most) => (int)Math.Min(most, Math.Max(1, room * 2L));
}

/// <summary>Words of a record's header.</summary>
internal static class WindowHeader
{
    /// <summary>Tiles that are there.</summary>
    public const int Tiles = 0;

    /// <summary>The newest tile that was trimmed away.</summary>
    public const int Base = 1;

    /// <summary>The newest tile of an event or a retraction.</summary>
    public const int Newest = 2;
    public const int TilesRoom = 3;
    public const int Kept = 4;
    public const int KeptRoom = 5;

    /// <summary>Kept events that were retracted.</summary>
    public const int Retracted = 6;
    public const int Blocks = 7;
    public const int BlocksRoom = 8;
    public const int Items = 9;
    public const int ItemsRoom = 10;
}
