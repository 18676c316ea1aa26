namespace Mlp.Kernels;

/// <summary>
/// Trees filled up to one depth, so that a node's place says everything: node 1 is the root, the children of i stand at 2i and
/// 2i + 1, yes first. All questions of a tree are asked of one row at once: its ranks are permuted to the nodes' places, one
/// comparison answers 64 of them, and the walk is arithmetic on the bits.
/// </summary>
/// <remarks>64 places are a word: levels 0 to 5 fill word 0 but for its place 0, level 6 word 1, level 7 words 2 and 3.</remarks>
internal sealed unsafe class PerfectTrees
{
    /// <summary>Places of a word.</summary>
    public const int WordPlaces = 64;

    /// <summary>Levels that the first word has.</summary>
    public const int WordDepth = 6;

    /// <summary>Most levels; beyond, asking every node costs more than walking.</summary>
    public const int DepthMax = 8;

    /// <summary>Trees are taken so many at once; places for those that are missing to it are there.</summary>
    public const int TreesAligned = 16;

    // Ranks of two vectors of 64 bytes, from which one permute reads.
    private const int RowBytesMax = 2 * AlignedBlock.Line;
    private const long BytesMax = 1L << 28;

    private readonly AlignedBlock _columns;
    private readonly AlignedBlock _keys;
    private readonly AlignedBlock _leaves;

    private PerfectTrees(PackedTrees trees, ThresholdRanks ranks)
    {
        Ranks = ranks;
        Depth = Math.Max(1, trees.Shape.Depth);
        Words = WordsFor(Depth);
        TreeCount = trees.Roots.Length;
        Targets = trees.TargetCount == 1 ? null : trees.Targets.ToArray();
        var padded = (TreeCount + TreesAligned - 1) / TreesAligned * TreesAligned;
        var bytes = (long)padded * Words * WordPlaces * ranks.RankBytes;
        _columns = new AlignedBlock(bytes);
        _keys = new AlignedBlock(bytes);
        _leaves = new AlignedBlock(sizeof(float) * ((long)padded << Depth));

        // All bits set is above any rank: places without a node say yes.
        new Span<byte>(_keys.Start, (int)bytes).Fill(byte.MaxValue);
        for (var t = 0; t < TreeCount; t++)
        {
            Place(trees, t, trees.Roots[t], 1, 0);
        }
    }

    /// <summary>What the rows are ranked by.</summary>
    public ThresholdRanks Ranks { get; }

    /// <summary>Levels of each tree.</summary>
    public int Depth { get; }

    /// <summary>Words of each tree.</summary>
    public int Words { get; }

    /// <summary>Trees that count.</summary>
    public int TreeCount { get; }

    /// <summary>The target of each tree; null where there is one.</summary>
    public int[]? Targets { get; }

    /// <summary>For each place the column that is asked, as bytes or as 16 bits, tree by tree.</summary>
    public byte* Columns => _columns.Start;

    /// <summary>For each place the key that is compared with.</summary>
    public byte* Keys => _keys.Start;

    /// <summary>Each tree's leaves from left to right.</summary>
    public float* Leaves => (float*)_leaves.Start;

    /// <summary>Bytes of the trees.</summary>
    public long Bytes => _columns.Length + _keys.Length + _leaves.Length;

    /// <summary>Fills the trees up; null where they are too deep, or a row too wide for it.</summary>
    public static PerfectTrees? TryMake(PackedTrees trees)
    {
        var depth = Math.Max(1, trees.Shape.Depth);
        if (depth > DepthMax || trees.Ranks is not { } ranks || ranks.Columns * ranks.RankBytes > RowBytesMax)
        {
            return null;
        }

        var bytes = (trees.Roots.Length + TreesAligned) * ((2L * WordsFor(depth) * WordPlaces * ranks.RankBytes) + (sizeof(float) << depth));
        return bytes <= BytesMax ? new PerfectTrees(trees, ranks) : null;
    }

    private static int WordsFor(int depth) => depth <= WordDepth ? 1 : 1 << (depth - WordDepth);

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

        var at = ((long)tree * Words * WordPlaces) + place;
        var question = Ranks.Questions[index];
        if (Ranks.AreWords)
        {
            ((ushort*)Columns)[at] = (ushort)(question >>> 16);
            ((ushort*)Keys)[at] = (ushort)question;
        }
        else
        {
            Columns[at] = (byte)(question >>> 16);
            Keys[at] = (byte)question;
        }

        Place(trees, tree, node.Child, 2 * place, level + 1);
        Place(trees, tree, node.Child + 1, (2 * place) + 1, level + 1);
    }
}
