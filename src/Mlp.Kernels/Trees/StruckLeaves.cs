namespace Mlp.Kernels;

/// <summary>
/// Trees of any shape as masks over their leaves, for one row alone. A tree's leaves stand in a row, those behind a yes left of those
/// behind a no, one bit each; a node that is answered no strikes out the leaves behind its yes, and the leftmost one left over is
/// the one that is reached (QuickScorer, Lucchese et al., SIGIR 2015). No node waits for another, so all are asked at once.
/// </summary>
/// <remarks>
/// Leaves are taken in words of at most 32 that at most 32 nodes strike at; a tree of more has several, the rightmost first, so
/// that the last one with a leaf left over decides. Two words make the 64 places that one permute fills.
/// </remarks>
internal sealed unsafe class StruckLeaves
{
    /// <summary>Leaves of a word, and nodes that strike at it.</summary>
    public const int WordPlaces = 32;

    /// <summary>Words are taken so many at once; places for those that are missing to it are there.</summary>
    public const int WordsAligned = 16;

    // Ranks of two vectors of 64 bytes, from which one permute reads.
    private const int ColumnsMax = 2 * AlignedBlock.Line;

    // Leaves of a tree up to which asking every node takes less than walking.
    private const int TreeLeavesMax = 256;

    private readonly List<Word> _words = [];
    private readonly AlignedBlock _columns;
    private readonly AlignedBlock _keys;
    private readonly AlignedBlock _masks;
    private readonly AlignedBlock _leaves;

    private StruckLeaves(PackedTrees trees, ThresholdRanks ranks, List<Word> words)
    {
        Ranks = ranks;
        _words = words;
        IsWordPerTree = words.Count == trees.Roots.Length;
        Targets = trees.TargetCount == 1 ? null : trees.Targets.ToArray();
        var padded = (words.Count + WordsAligned - 1) / WordsAligned * WordsAligned;
        EndsTree = new bool[padded];
        LeafCounts = new byte[padded];
        _columns = new AlignedBlock((long)padded * WordPlaces);
        _keys = new AlignedBlock((long)padded * WordPlaces);
        _masks = new AlignedBlock((long)padded * WordPlaces * sizeof(uint));
        _leaves = new AlignedBlock((long)padded * WordPlaces * sizeof(float));
        new Span<byte>(Keys, padded * WordPlaces).Fill(byte.MaxValue);
        new Span<uint>(Masks, padded * WordPlaces).Fill(uint.MaxValue);
        for (var w = 0; w < words.Count; w++)
        {
            var word = words[w];
            var at = w * WordPlaces;
            EndsTree[w] = word.EndsTree;
            LeafCounts[w] = (byte)word.Leaves.Length;
            for (var i = 0; i < word.Strikes.Count; i++)
            {
                var question = ranks.Questions[word.Strikes[i].Node];
                Columns[at + i] = (byte)(question >>> 16);
                Keys[at + i] = (byte)question;
                Masks[at + i] = word.Strikes[i].LeftOver;
            }

            for (var i = 0; i < word.Leaves.Length; i++)
            {
                Leaves[at + i] = word.Leaves[i];
            }
        }
    }

    /// <summary>What the rows are ranked by.</summary>
    public ThresholdRanks Ranks { get; }

    /// <summary>Words that count.</summary>
    public int WordCount => _words.Count;

    /// <summary>Whether each tree is one word.</summary>
    public bool IsWordPerTree { get; }

    /// <summary>The target of each tree; null where there is one.</summary>
    public int[]? Targets { get; }

    /// <summary>Whether a word is its tree's last, which has its leftmost leaves.</summary>
    public bool[] EndsTree { get; }

    /// <summary>Leaves of each word: a place from there on says that none is left over.</summary>
    public byte[] LeafCounts { get; }

    /// <summary>The column of each node that strikes.</summary>
    public byte* Columns => _columns.Start;

    /// <summary>What its rank is compared with.</summary>
    public byte* Keys => _keys.Start;

    /// <summary>The leaves that its no leaves over; the highest bit is the leftmost leaf.</summary>
    public uint* Masks => (uint*)_masks.Start;

    /// <summary>Values of each word's leaves.</summary>
    public float* Leaves => (float*)_leaves.Start;

    /// <summary>Bytes of all that.</summary>
    public long Bytes => _columns.Length + _keys.Length + _masks.Length + _leaves.Length + EndsTree.Length + LeafCounts.Length;

    /// <summary>Makes the words; null where a row is too wide, its ranks need more than bytes, or a tree has too many leaves or a leaf that too many nodes strike at.</summary>
    public static StruckLeaves? TryMake(PackedTrees trees)
    {
        if (trees.Shape.LeavesMax > TreeLeavesMax || trees.Ranks is not { AreWords: false } ranks || ranks.Columns > ColumnsMax)
        {
            return null;
        }

        var words = new List<Word>();
        foreach (var root in trees.Roots)
        {
            if (!TryAddTree(trees, root, words))
            {
                return null;
            }
        }

        return new StruckLeaves(trees, ranks, words);
    }

    // From the rightmost leaf on, as many leaves to a word as it has places for, and for what strikes at them.
    private static bool TryAddTree(PackedTrees trees, int root, List<Word> words)
    {
        var (leaves, branches) = LeafOrder.Of(trees.Nodes, root);
        for (var end = leaves.Count; end > 0;)
        {
            var first = Math.Max(0, end - WordPlaces);
            while (first < end && Strikers(branches, first, end) > WordPlaces)
            {
                first++;
            }

            if (first == end)
            {
                return false;
            }

            var strikes = new List<(int Node, uint LeftOver)>();
            foreach (var (node, from, to) in branches)
            {
                int low = Math.Max(from, first) - first, high = Math.Min(to, end) - first;
                if (low < high)
                {
                    // Bits low to high - 1, counted from the left.
                    strikes.Add((node, ~(uint)(((1UL << (high - low)) - 1) << (WordPlaces - high))));
                }
            }

            var values = new float[end - first];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = trees.Nodes[leaves[first + i]].Value;
            }

            words.Add(new Word(strikes, values, EndsTree: first == 0));
            end = first;
        }

        return true;
    }

    private static int Strikers(List<(int Node, int From, int To)> branches, int first, int end)
    {
        var count = 0;
        foreach (var (_, from, to) in branches)
        {
            count += Math.Max(from, first) < Math.Min(to, end) ? 1 : 0;
        }

        return count;
    }

    private sealed record Word(List<(int Node, uint LeftOver)> Strikes, float[] Leaves, bool EndsTree);
}
