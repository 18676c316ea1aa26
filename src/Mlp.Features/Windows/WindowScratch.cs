namespace Mlp.Features;

/// <summary>A thread's memory for reading windows: it grows to what the largest has needed, so that reading allocates nothing.</summary>
internal sealed class WindowScratch
{
    private SketchItem[] _items = new SketchItem[256];
    private Int128[] _sums = new Int128[32];
    private long[] _states = new long[32];
    private byte[] _registers = new byte[1 << 10];
    private int _count;

    [field: ThreadStatic]
    public static WindowScratch OfThread => field ??= new WindowScratch();

    /// <summary>The items that were added; after <see cref="Merge"/> in the order of their keys, each key once.</summary>
    public ReadOnlySpan<SketchItem> Items => _items.AsSpan(0, _count);

    public Span<Int128> Sums(int count) => Sized(ref _sums, count);

    public Span<long> States(int count) => Sized(ref _states, count);

    public Span<byte> Registers(int count) => Sized(ref _registers, count);

    public void ClearItems() => _count = 0;

    public void Add(ReadOnlySpan<SketchItem> items)
    {
        if (_count + items.Length > _items.Length)
        {
            Array.Resize(ref _items, Math.Max(_items.Length * 2, _count + items.Length));
        }

        items.CopyTo(_items.AsSpan(_count));
        _count += items.Length;
    }

    /// <summary>Brings items of one key together.</summary>
    public void Merge()
    {
        var items = _items.AsSpan(0, _count);
        items.Sort(static (left, right) => left.Key.CompareTo(right.Key));
        var kept = 0;
        for (var i = 0; i < items.Length; i++)
        {
            if (kept > 0 && items[kept - 1].Key == items[i].Key)
            {
                items[kept - 1] = new SketchItem(items[i].Key, items[kept - 1].Count + items[i].Count);
            }
            else
            {
                items[kept++] = items[i];
            }
        }

        _count = kept;
    }

    private static Span<T> Sized<T>(ref T[] array, int count)
    {
        if (array.Length < count)
        {
            array = new T[count * 2];
        }

        return array.AsSpan(0, count);
    }
}
