namespace Mlp.Kernels;

/// <summary>
/// Trees filled up to one depth, so that a node's place says everything: node 1 is the root, the children of i stand at 2i and
/// 2i + 1, yes first. The questions of the upper six levels are asked of one row all at once: its ranks are permuted to the nodes'
/// places, one comparison answers all, and the walk is arithmetic on the bits.
/// </summary>
/// <remarks>
/// What is deeper hangs below as tails of two levels each, three nodes, of which only the one that is reached is asked: 8 bytes,
/// or 16 where ranks need 16 bits. A tree of depth 8 touches two lines of nodes, one of tails and one of leaves.
/// </remarks>
internal sealed unsafe class PerfectTrees
{
    /// <summary>Places of the upper levels; place 0 has no node.</summary>
    public const int Places = 64;

    /// <summary>The upper levels.</summary>
    public const int TopDepth = 6;

    /// <summary>Levels of a tail.</summary>
    public const int TailDepth = 2;

    /// <summary>Most levels.</summary>
    public const int DepthMax = TopDepth + (3 * TailDepth);

    /// <summary>Columns of a tail, and keys: three nodes, and one to fill up.</summary>
    public const int TailNodes = 4;

    /// <summary>Trees are taken so many at once; places for those that are missing to it are there.</summary>
    public const int TreesAligned = 16;

    // Ranks of two vectors of 64 bytes, from which one permute reads.
    private const int RowBytesMax = 2 * AlignedBlock.Line;

    // Filled up, trees may take that much, or a few times what their nodes take: beyond, they are mostly filling.
    private const long BytesMin = 1L << 21;
    private const long BytesMax = 1L << 30;
    private const int BytesByNodes = 4;

    private readonly AlignedBlock _columns;
    private readonly AlignedBlock _keys;
    private readonly AlignedBlock _tails;
    private readonly AlignedBlock _leaves;

    private PerfectTrees(PackedTrees trees, ThresholdRanks ranks)
    {
        Ranks = ranks;
        Depth = DepthFor(trees);
        TreeCount = trees.Roots.Length;
        Targets = trees.TargetCount == 1 ? null : trees.Targets.ToArray();
        var padded = (long)(TreeCount + TreesAligned - 1) / TreesAligned * TreesAligned;
        _columns = new AlignedBlock(padded * Places * ranks.RankBytes);
        _keys = new AlignedBlock(padded * Places * ranks.RankBytes);
        _tails = new AlignedBlock(padded * TreeTails * TailBytes);
        _leaves = new AlignedBlock(padded * sizeof(float) << Depth);

        // All bits set is above any rank: places without a node say yes.
        new Span<byte>(_keys.Start, (int)_keys.Length).Fill(byte.MaxValue);
        for (var tail = 0L; tail < padded * TreeTails; tail++)
        {
            var keys = TailNodes * ranks.RankBytes;
            new Span<byte>(_tails.Start + (tail * TailBytes) + keys, keys).Fill(byte.MaxValue);
        }

        for (var t = 0; t < TreeCount; t++)
        {
            Place(trees, t, trees.Roots[t], 1, 0);
        }
    }

    /// <summary>What the rows are ranked by.</summary>
    public ThresholdRanks Ranks { get; }

    /// <summary>Levels of each tree.</summary>
    public int Depth { get; }

    /// <summary>Trees that count.</summary>
    public int TreeCount { get; }

    /// <summary>The target of each tree; null where there is one.</summary>
    public int[]? Targets { get; }

    /// <summary>For each place the column that is asked, as bytes or as 16 bits, tree by tree.</summary>
    public byte* Columns => _columns.Start;

    /// <summary>For each place the key that is compared with.</summary>
    public byte* Keys => _keys.Start;

    /// <summary>Each tree's tails, those below level 6 first: columns of the node and of its yes and its no, then their keys.</summary>
    public byte* Tails => _tails.Start;

    /// <summary>Tails of a tree.</summary>
    public int TreeTails => FirstTail(Depth);

    /// <summary>Bytes of a tail.</summary>
    public int TailBytes => 2 * TailNodes * Ranks.RankBytes;

    /// <summary>Each tree's leaves from left to right.</summary>
    public float* Leaves => (float*)_leaves.Start;

    /// <summary>Bytes of the trees.</summary>
    public long Bytes => _columns.Length + _keys.Length + _tails.Length + _leaves.Length;

    /// <summary>Fills the trees up; null where they are too deep, too ragged, or a row too wide for it.</summary>
    public static PerfectTrees? TryMake(PackedTrees trees)
    {
        var depth = DepthFor(trees);
        if (depth > DepthMax || trees.Ranks is not { } ranks || ranks.Columns * ranks.RankBytes > RowBytesMax)
        {
            return null;
        }

        var bytes = (trees.Roots.Length + TreesAligned) * ((2L * (Places + (FirstTail(depth) * TailNodes)) * ranks.RankBytes) + (sizeof(float) << depth));
        return bytes <= Math.Clamp(BytesByNodes * trees.NodeBytes, BytesMin, BytesMax) ? new PerfectTrees(trees, ranks) : null;
    }

    /// <summary>The first tail below a level: 64 hang below level 6, 256 below level 8, and so on.</summary>
    public static int FirstTail(int level)
    {
        var first = 0;
        for (var above = TopDepth; above < level; above += TailDepth)
        {
            first += 1 << above;
        }

        return first;
    }

    private static int DepthFor(PackedTrees trees)
    {
        var depth = Math.Max(1, trees.Shape.Depth);
        return depth <= TopDepth ? depth : depth + (depth % TailDepth);
    }

    private void Place(PackedTrees trees, int tree, int index, int place, int level)
    {
        ref readonly var node = ref trees.Nodes[index];
        if (node.Child == index)
        {
            // All ways on from here end in this leaf.
            var first = place << (Depth - level);
            new Span<float>(Leaves + ((long)tree << Depth) + (first - (1 << Depth)), 1 << (Depth - level)).Fill(node.Value);
            return;
        }

        if (level < TopDepth)
        {
            var at = ((long)tree * Places) + place;
            Write(Columns, Keys, at, Ranks.Questions[index]);
        }
        else
        {
            // An even level begins a tail; its children are the tail's second and third node.
            var above = level - (level % TailDepth);
            var top = place >> (level - above);
            var tail = Tails + ((((long)tree * TreeTails) + FirstTail(above) + top - (1 << above)) * TailBytes);
            Write(tail, tail + (TailNodes * Ranks.RankBytes), level == above ? 0 : 1 + (place & 1), Ranks.Questions[index]);
        }

        Place(trees, tree, node.Child, 2 * place, level + 1);
        Place(trees, tree, node.Child + 1, (2 * place) + 1, level + 1);
    }

    private void Write(byte* columns, byte* keys, long at, int question)
    {
        if (Ranks.AreWords)
        {
            ((ushort*)columns)[at] = (ushort)(question >>> 16);
            ((ushort*)keys)[at] = (ushort)question;
        }
        else
        {
            columns[at] = (byte)(question >>> 16);
            keys[at] = (byte)question;
        }
    }
}
