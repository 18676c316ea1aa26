namespace Mlp.Features;

/// <summary>
/// An entity's sketches: of every tile that is not empty, of every 8 tiles, 64, … a block with its items, a key and a count each.
/// Blocks stand in the order of their ends, so that what is still open stands last and an event moves little. A window is made of
/// O(log tiles) of them.
/// </summary>
/// <remarks>
/// A block is two words: its order (end, level, sketch), and where its items are (first · 2³² + how many). Adding up counts is exact,
/// so neither the order of events nor the choice of blocks shows in a value.
/// </remarks>
internal readonly unsafe struct SketchBlocks(long* record, WindowPlan plan)
{
    private const int LevelShift = 8;
    private const int EndShift = 12;
    private const int FirstShift = 32;
    private const int BlockWords = 2;
    private const int ItemWords = 2;

    private readonly long* _blocks = record + WindowLayout.Of(record).BlocksAt(plan);
    private readonly long* _items = record + WindowLayout.Of(record).ItemsAt(plan);

    public int BlockCount => (int)record[WindowHeader.Blocks];

    public int ItemCount => (int)record[WindowHeader.Items];

    /// <summary>Whether there may be no room for one more event.</summary>
    public bool IsFull =>
        BlockCount + plan.ItemsAnEvent > record[WindowHeader.BlocksRoom] || ItemCount + plan.ItemsAnEvent > record[WindowHeader.ItemsRoom];

    /// <summary>Counts an event in its blocks, or with −1 takes it out of them again.</summary>
    public void Add(long tile, ReadOnlySpan<long> words, int count)
    {
        for (var s = 0; s < plan.Sketches.Length; s++)
        {
            ref readonly var sketch = ref plan.Sketches[s];
            if (!sketch.TryKey(words[sketch.Column], out var key))
            {
                continue;
            }

            // Where nothing is retracted, a register needs its highest rank alone.
            var highestOnly = sketch.Kind == AggregateKind.Distinct && plan.KeptMax == 0;
            for (var level = 0; level <= plan.Levels; level++)
            {
                Add(Order(End(tile, level), level, s), key, count, highestOnly);
            }
        }
    }

    /// <summary>Forgets the blocks that end before a tile.</summary>
    public void Trim(long tile)
    {
        var gone = Find(Order(tile, 0, 0));
        if (gone == 0)
        {
            return;
        }

        var blocks = BlockCount - gone;
        var first = gone == BlockCount ? ItemCount : First(gone);
        var items = ItemCount - first;
        new Span<long>(_items + (first * ItemWords), items * ItemWords).CopyTo(new Span<long>(_items, items * ItemWords));
        new Span<long>(_blocks + (gone * BlockWords), blocks * BlockWords).CopyTo(new Span<long>(_blocks, blocks * BlockWords));
        record[WindowHeader.Blocks] = blocks;
        record[WindowHeader.Items] = items;
        Shift(0, -first);
    }

    /// <summary>The items of a window's blocks, one block after the other; keys may occur in several.</summary>
    public void Collect(int sketch, long from, long until, WindowScratch scratch)
    {
        while (from < until)
        {
            // The largest block that begins here and ends in the window.
            var level = 0;
            while (level < plan.Levels && (from & ((1L << (WindowPlan.BlockShift * (level + 1))) - 1)) == 0 && from + (1L << (WindowPlan.BlockShift * (level + 1))) <= until)
            {
                level++;
            }

            var end = from + (1L << (WindowPlan.BlockShift * level));
            var order = Order(end, level, sketch);
            var at = Find(order);
            if (at < BlockCount && OrderAt(at) == order)
            {
                scratch.Add(new ReadOnlySpan<SketchItem>(_items + (First(at) * ItemWords), ItemsOf(at)));
            }

            from = end;
        }
    }

    public void CopyTo(SketchBlocks larger)
    {
        new ReadOnlySpan<long>(_blocks, BlockCount * BlockWords).CopyTo(new Span<long>(larger._blocks, BlockCount * BlockWords));
        new ReadOnlySpan<long>(_items, ItemCount * ItemWords).CopyTo(new Span<long>(larger._items, ItemCount * ItemWords));
    }

    private static long End(long tile, int level) => ((tile >> (WindowPlan.BlockShift * level)) + 1) << (WindowPlan.BlockShift * level);

    private static long Order(long end, int level, int sketch) => (end << EndShift) | ((long)level << LevelShift) | (long)sketch;

    private long OrderAt(int at) => _blocks[at * BlockWords];

    private int First(int at) => (int)(_blocks[(at * BlockWords) + 1] >> FirstShift);

    private int ItemsOf(int at) => (int)_blocks[(at * BlockWords) + 1];

    private void Add(long order, long key, int count, bool highestOnly)
    {
        var at = Find(order);
        if (at == BlockCount || OrderAt(at) != order)
        {
            var first = at == BlockCount ? ItemCount : First(at);
            new Span<long>(_blocks + (at * BlockWords), (BlockCount - at) * BlockWords).CopyTo(new Span<long>(_blocks + ((at + 1) * BlockWords), (BlockCount - at) * BlockWords));
            _blocks[at * BlockWords] = order;
            _blocks[(at * BlockWords) + 1] = (long)first << FirstShift;
            record[WindowHeader.Blocks]++;
        }

        var items = _items + (First(at) * ItemWords);
        var i = LowerBound(items, ItemsOf(at), highestOnly ? HyperLogLog.FirstOf(key) : key);
        var item = items + (i * ItemWords);
        if (highestOnly && i < ItemsOf(at) && HyperLogLog.Register(item[0]) == HyperLogLog.Register(key))
        {
            item[0] = Math.Max(item[0], key);
        }
        else if (!highestOnly && i < ItemsOf(at) && item[0] == key)
        {
            item[1] += count;
            if (item[1] == 0)
            {
                RemoveItem(at, item);
            }
        }
        else
        {
            InsertItem(at, item, key, count);
        }
    }

    private void InsertItem(int block, long* item, long key, int count)
    {
        var behind = (int)((_items + (ItemCount * ItemWords)) - item);
        new Span<long>(item, behind).CopyTo(new Span<long>(item + ItemWords, behind));
        item[0] = key;
        item[1] = count;
        record[WindowHeader.Items]++;
        _blocks[(block * BlockWords) + 1]++;
        Shift(block + 1, 1);
    }

    private void RemoveItem(int block, long* item)
    {
        var behind = (int)((_items + (ItemCount * ItemWords)) - item) - ItemWords;
        new Span<long>(item + ItemWords, behind).CopyTo(new Span<long>(item, behind));
        record[WindowHeader.Items]--;
        _blocks[(block * BlockWords) + 1]--;
        Shift(block + 1, -1);
        if (ItemsOf(block) == 0)
        {
            new Span<long>(_blocks + ((block + 1) * BlockWords), (BlockCount - block - 1) * BlockWords).CopyTo(new Span<long>(_blocks + (block * BlockWords), (BlockCount - block - 1) * BlockWords));
            record[WindowHeader.Blocks]--;
        }
    }

    private void Shift(int fromBlock, int items)
    {
        for (var at = fromBlock; at < BlockCount; at++)
        {
            _blocks[(at * BlockWords) + 1] += (long)items << FirstShift;
        }
    }

    // Index of the first block that is not before an order; what is open stands last.
    private int Find(long order)
    {
        int low = 0, high = BlockCount;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (OrderAt(middle) < order)
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

    private static int LowerBound(long* items, int count, long key)
    {
        int low = 0, high = count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (items[middle * ItemWords] < key)
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
}

/// <summary>A key of a sketch and how often it was counted.</summary>
internal readonly record struct SketchItem(long Key, long Count);
