namespace Mlp.Kernels;

/// <summary>
/// Trees as masks over their leaves. A tree's leaves stand in a row, those behind a yes left of those behind a no, one bit each. A
/// node that is answered no strikes out the leaves behind its yes; the leaf that is reached is the leftmost one left over. No node
/// waits for another, so all are asked at once, in any order and by vectors (QuickScorer, Lucchese et al., SIGIR 2015).
/// </summary>
/// <remarks>Leaves are taken in words of 32. A node has an entry in each word of which it strikes out something; deep nodes have one.</remarks>
internal sealed class LeafMasks
{
    /// <summary>Leaves of a word.</summary>
    public const int WordLeaves = 32;

    /// <summary>Entries of a word are padded to whole vectors, with entries that strike out nothing.</summary>
    public const int EntriesAligned = 16;

    /// <summary>Columns that fit into a block on the stack.</summary>
    public const int ColumnsMax = 256;

    // Beyond this, asking all nodes of a tree costs more than walking down its depth.
    private const int EntriesPerTreeMax = 640;

    private readonly List<int> _columns = [];
    private readonly List<float> _thresholds = [];
    private readonly List<uint> _masks = [];
    private readonly List<float> _leaves = [];
    private readonly List<int> _wordStarts = [];
    private readonly List<int> _wordCounts = [];
    private readonly List<int> _treeEnds = [];
    private readonly List<int> _sources = [];
    private readonly Dictionary<int, int> _columnOf = [];

    private LeafMasks()
    {
    }

    /// <summary>Each entry's column.</summary>
    public int[] Columns { get; private set; } = [];

    /// <summary>What each entry's column is compared with: no where it is greater, or NaN.</summary>
    public float[] Thresholds { get; private set; } = [];

    /// <summary>The leaves that a no leaves over; the highest bit is the leftmost leaf.</summary>
    public uint[] Masks { get; private set; } = [];

    /// <summary>Values of each word's 32 leaves.</summary>
    public float[] Leaves { get; private set; } = [];

    /// <summary>First entry of each word; a multiple of <see cref="EntriesAligned"/>.</summary>
    public int[] WordStarts { get; private set; } = [];

    /// <summary>Entries of each word without the padding.</summary>
    public int[] WordCounts { get; private set; } = [];

    /// <summary>Behind each tree's last word. A tree's words stand from the rightmost leaves to the leftmost, so that the last one with a leaf left over decides.</summary>
    public int[] TreeEnds { get; private set; } = [];

    /// <summary>The feature of each column; with <see cref="PackedNode.MissingGoesTrue"/>, NaN is to be taken as −∞, which is a yes.</summary>
    public int[] Sources { get; private set; } = [];

    /// <summary>Bytes of all that.</summary>
    public long Bytes => (12L * Columns.Length) + (sizeof(float) * (long)Leaves.Length) + (sizeof(int) * (WordStarts.Length + WordCounts.Length + TreeEnds.Length + (long)Sources.Length));

    /// <summary>Makes the masks; null where walking serves better, or a row has too many columns.</summary>
    public static LeafMasks? TryMake(PackedTrees trees)
    {
        var masks = new LeafMasks();
        var entriesMax = (long)EntriesPerTreeMax * trees.Roots.Length;
        foreach (var root in trees.Roots)
        {
            masks.AddTree(trees.Nodes, root, entriesMax);
            if (masks._columns.Count > entriesMax || masks._sources.Count > ColumnsMax)
            {
                return null;
            }
        }

        masks.Columns = [.. masks._columns];
        masks.Thresholds = [.. masks._thresholds];
        masks.Masks = [.. masks._masks];
        masks.Leaves = [.. masks._leaves];
        masks.WordStarts = [.. masks._wordStarts];
        masks.WordCounts = [.. masks._wordCounts];
        masks.TreeEnds = [.. masks._treeEnds];
        masks.Sources = [.. masks._sources];
        return masks;
    }

    private void AddTree(ReadOnlySpan<PackedNode> nodes, int root, long entriesMax)
    {
        var (leaves, branches) = LeafOrder.Of(nodes, root);
        for (var word = (leaves.Count - 1) / WordLeaves; word >= 0; word--)
        {
            var first = word * WordLeaves;
            _wordStarts.Add(_columns.Count);
            foreach (var (node, from, to) in branches)
            {
                int low = Math.Max(from, first) - first, high = Math.Min(to, first + WordLeaves) - first;
                if (low >= high)
                {
                    continue;
                }

                // Bits low to high - 1, counted from the left.
                var struck = (uint)(((1UL << (high - low)) - 1) << (WordLeaves - high));
                Add(ColumnOf(nodes[node].Feature), nodes[node].Threshold, ~struck);
                if (_columns.Count > entriesMax)
                {
                    return;
                }
            }

            _wordCounts.Add(_columns.Count - _wordStarts[^1]);
            while (_columns.Count % EntriesAligned != 0)
            {
                Add(0, 0, uint.MaxValue);
            }

            for (var i = first; i < first + WordLeaves; i++)
            {
                _leaves.Add(i < leaves.Count ? nodes[leaves[i]].Value : 0);
            }
        }

        _treeEnds.Add(_wordStarts.Count);
    }

    private void Add(int column, float threshold, uint mask)
    {
        _columns.Add(column);
        _thresholds.Add(threshold);
        _masks.Add(mask);
    }

    private int ColumnOf(int feature)
    {
        if (!_columnOf.TryGetValue(feature, out var column))
        {
            column = _sources.Count;
            _sources.Add(feature);
            _columnOf.Add(feature, column);
        }

        return column;
    }
}
