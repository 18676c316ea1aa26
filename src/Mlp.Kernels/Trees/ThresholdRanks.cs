namespace Mlp.Kernels;

/// <summary>
/// The distinct thresholds of each column, sorted. A value's rank is the number of thresholds that it is not at most, so
/// <c>x &lt;= thresholds[k]</c> is <c>rank(x) &lt;= k</c>: after one search a value, every question of every tree is a comparison of
/// small integers, 64 to a vector.
/// </summary>
/// <remarks>
/// A column is a feature together with the way a missing value takes. Where NaN means no, its rank is the number of thresholds,
/// which is above every k; where it means yes, 0. Each column's thresholds lie as a tree of blocks of sixteen, searched from the
/// root: one comparison of a vector and one count of bits a level.
/// </remarks>
internal sealed unsafe class ThresholdRanks
{
    /// <summary>Thresholds of a block, and branches of a node of the search.</summary>
    public const int Fan = 16;

    /// <summary>Most thresholds of a column whose ranks fit into bytes; the byte above all of them is the key that always says yes.</summary>
    public const int ByteMax = byte.MaxValue;

    /// <summary>Most thresholds of a column whose ranks fit into 16 bits.</summary>
    public const int WordMax = ushort.MaxValue;

    private readonly float[][] _thresholds;
    private readonly AlignedBlock _tables;

    private ThresholdRanks(PackedTrees trees, Dictionary<int, int> columnOf, int[] sources, float[][] thresholds, int plain)
    {
        _thresholds = thresholds;
        Sources = sources;
        PlainColumns = plain;
        foreach (var list in thresholds)
        {
            Largest = Math.Max(Largest, list.Length);
        }

        Levels = 1;
        for (var reach = Fan; reach < Largest; reach *= Fan)
        {
            Levels++;
        }

        Starts = new int[sources.Length * Levels];
        Ends = new int[sources.Length * Levels];
        var elements = 0;
        for (var c = 0; c < sources.Length; c++)
        {
            elements = Lay(c, elements);
        }

        _tables = new AlignedBlock(sizeof(float) * (long)elements);
        for (var c = 0; c < sources.Length; c++)
        {
            Fill(c);
        }

        Questions = new int[trees.Nodes.Length];
        for (var i = 0; i < Questions.Length; i++)
        {
            ref readonly var node = ref trees.Nodes[i];
            if (node.Child != i)
            {
                var column = columnOf[node.Feature];
                Questions[i] = (column << 16) | Array.BinarySearch(thresholds[column], node.Threshold);
            }
        }
    }

    /// <summary>Each node's question in one number: the column in the upper 16 bits, in the lower ones the key; yes where the rank is at most that.</summary>
    public int[] Questions { get; }

    /// <summary>Columns that the trees ask for.</summary>
    public int Columns => Sources.Length;

    /// <summary>The first so many columns take NaN for no, those behind them for yes.</summary>
    public int PlainColumns { get; }

    /// <summary>Each column's feature.</summary>
    public int[] Sources { get; }

    /// <summary>Thresholds of the column that has most.</summary>
    public int Largest { get; }

    /// <summary>Whether ranks need 16 bits.</summary>
    public bool AreWords => Largest > ByteMax;

    /// <summary>Bytes of a rank.</summary>
    public int RankBytes => AreWords ? sizeof(ushort) : sizeof(byte);

    /// <summary>Levels of the search, the same for each column.</summary>
    public int Levels { get; }

    /// <summary>For each column and level, where its first block starts in <see cref="Tables"/>, in elements.</summary>
    public int[] Starts { get; }

    /// <summary>For each column and level, the most that the search may come to there: the last block of the next level, or the number of thresholds.</summary>
    public int[] Ends { get; }

    /// <summary>All blocks; each begins at a cache line.</summary>
    public float* Tables => (float*)_tables.Start;

    /// <summary>Bytes of the search tables.</summary>
    public long Bytes => _tables.Length;

    /// <summary>Thresholds of a column.</summary>
    public ReadOnlySpan<float> Of(int column) => _thresholds[column];

    /// <summary>Ranks the thresholds of all questions; null where a column has more than 16 bits can count, or there are more columns than that.</summary>
    public static ThresholdRanks? TryMake(PackedTrees trees)
    {
        var lists = new Dictionary<int, List<float>>();
        for (var i = 0; i < trees.Nodes.Length; i++)
        {
            ref readonly var node = ref trees.Nodes[i];
            if (node.Child == i)
            {
                continue;
            }

            if (!lists.TryGetValue(node.Feature, out var list))
            {
                lists.Add(node.Feature, list = []);
            }

            list.Add(node.Threshold);
        }

        if (lists.Count > WordMax)
        {
            return null;
        }

        // The flag is the highest bit, so the unsigned order has the plain columns first.
        var columnOf = new Dictionary<int, int>(lists.Count);
        var sources = new int[lists.Count];
        var thresholds = new float[lists.Count][];
        var plain = 0;
        int[] features = [.. lists.Keys];
        Array.Sort(features, (a, b) => unchecked((uint)a).CompareTo(unchecked((uint)b)));
        foreach (var feature in features)
        {
            var column = columnOf.Count;
            columnOf.Add(feature, column);
            sources[column] = feature & ~PackedNode.MissingGoesTrue;
            thresholds[column] = Distinct(lists[feature]);
            plain += feature >= 0 ? 1 : 0;
            if (thresholds[column].Length > WordMax)
            {
                return null;
            }
        }

        return new ThresholdRanks(trees, columnOf, sources, thresholds, plain);
    }

    private static float[] Distinct(List<float> list)
    {
        list.Sort();
        var count = 0;
        for (var i = 0; i < list.Count; i++)
        {
            // Zero and minus zero are one threshold.
            if (count == 0 || list[i] != list[count - 1])
            {
                list[count++] = list[i];
            }
        }

        return [.. list.GetRange(0, count)];
    }

    private int Lay(int column, int elements)
    {
        Span<int> blocks = stackalloc int[Levels];
        var needed = _thresholds[column].Length;
        for (var level = Levels - 1; level >= 0; level--)
        {
            blocks[level] = (needed + Fan - 1) / Fan;
            needed = blocks[level];
        }

        for (var level = 0; level < Levels; level++)
        {
            Starts[(column * Levels) + level] = elements;
            Ends[(column * Levels) + level] = level + 1 < Levels ? blocks[level + 1] - 1 : _thresholds[column].Length;
            elements += blocks[level] * Fan;
        }

        return elements;
    }

    // A block's largest element stands for it one level up. Gaps are +∞: no value is above that.
    private void Fill(int column)
    {
        var source = _thresholds[column].AsSpan();
        for (var level = Levels - 1; level >= 0; level--)
        {
            var start = Starts[(column * Levels) + level];
            var blocks = (source.Length + Fan - 1) / Fan;
            var table = new Span<float>(Tables + start, blocks * Fan);
            source.CopyTo(table);
            table[source.Length..].Fill(float.PositiveInfinity);
            var tops = new float[blocks];
            for (var b = 0; b < blocks; b++)
            {
                tops[b] = table[(b * Fan) + Fan - 1];
            }

            source = tops;
        }
    }
}
