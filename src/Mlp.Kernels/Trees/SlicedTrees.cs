namespace Mlp.Kernels;

/// <summary>
/// Trees as programs over slices: slice b of a block of rows holds bit b of the leaf that each row reaches, so one bitwise select
/// by the answers to a question moves a whole block of rows past a node. A question that several trees ask is answered once a block.
/// </summary>
/// <remarks>
/// Leaves are numbered from left to right. Above a node, bit b is the yes side's or the no side's, as the answer selects; where
/// both sides agree on it, or one says 0 and the other 1, nothing has to be done. A perfect tree of depth 6 takes 57 selects for 63
/// nodes, and needs no program: a tree that is nearly perfect is filled up with questions that always say yes. Everything that a program reads or writes is a line of one buffer: a line of zeros, one of ones, some for values on the way, then the answers.
/// </remarks>
internal sealed class SlicedTrees
{
    /// <summary>The line of zeros.</summary>
    public const int Zeros = 0;

    /// <summary>The line of ones.</summary>
    public const int Ones = 1;

    /// <summary>The first line for values on the way.</summary>
    public const int FirstValue = 2;

    /// <summary>Where the answers begin: behind the slices of sixteen subtrees, which is what a perfect tree of depth 8 needs.</summary>
    public const int FirstAnswer = FirstValue + (16 * Slices);

    /// <summary>Least depth of a tree that is run as a perfect one.</summary>
    public const int PerfectDepthMin = 4;

    /// <summary>Lines of a buffer: 512 KiB with lines of 512 rows, which stays in the second-level cache.</summary>
    public const int LinesMax = 8192;

    /// <summary>Slices of a leaf's number.</summary>
    public const int Slices = 8;

    /// <summary>Most leaves of a tree.</summary>
    public const int LeavesMax = 1 << Slices;

    /// <summary>Values of a tree are padded to so many, a permute's table.</summary>
    public const int LeavesAligned = 64;

    /// <summary>Bytes of columns that a block of rows may take.</summary>
    private const int RowRankBytesMax = 4096;

    /// <summary>Sums of a row up to which a block of rows stays in the cache.</summary>
    private const int TargetsMax = 256;

    // A perfect tree of 2^d leaves is faster up to so many steps of a program: its selects need no fetching of what to do.
    private const int StepsOfPerfect = 2;
    private const int PerfectOfSteps = 5;

    private readonly List<ulong> _steps = [];
    private readonly List<ushort> _perfect = [];
    private readonly List<ushort> _outputs = [];
    private readonly List<float> _leaves = [];
    private readonly List<Group> _groups = [];
    private readonly List<int> _questions = [];
    private readonly Lazy<AlignedBlock> _leafPlanes;

    private SlicedTrees(PackedTrees trees, ThresholdRanks ranks)
    {
        Ranks = ranks;
        TreeCount = trees.Roots.Length;
        StepEnds = new int[TreeCount];
        PerfectDepths = new byte[TreeCount];
        PerfectStarts = new int[TreeCount];
        LeafStarts = new int[TreeCount + 1];
        Targets = trees.Targets.ToArray();
        for (var first = 0; first < TreeCount;)
        {
            first = AddGroup(trees, first);
        }

        Steps = [.. _steps];
        PerfectAnswers = [.. _perfect];
        Outputs = [.. _outputs];
        Leaves = [.. _leaves];
        Groups = [.. _groups];
        QuestionColumns = new ushort[_questions.Count];
        QuestionKeys = new ushort[_questions.Count];
        _leafPlanes = new(MakeLeafPlanes);
        for (var q = 0; q < _questions.Count; q++)
        {
            QuestionColumns[q] = (ushort)(_questions[q] >>> 16);
            QuestionKeys[q] = (ushort)_questions[q];
        }
    }

    /// <summary>What the rows are ranked by.</summary>
    public ThresholdRanks Ranks { get; }

    /// <summary>Trees.</summary>
    public int TreeCount { get; }

    /// <summary>The target that each tree adds to.</summary>
    public int[] Targets { get; }

    /// <summary>Trees in their order, so many at once that their answers fit into a buffer.</summary>
    public Group[] Groups { get; }

    /// <summary>Each question's column.</summary>
    public ushort[] QuestionColumns { get; }

    /// <summary>Each question's key.</summary>
    public ushort[] QuestionKeys { get; }

    /// <summary>All trees' selects, four lines each, 16 bits a line from the lowest: the answers, where the result goes, yes, no.</summary>
    public ulong[] Steps { get; }

    /// <summary>Behind each tree's last step.</summary>
    public int[] StepEnds { get; }

    /// <summary>Levels of each tree that is run as a perfect one; 0 for one with a program.</summary>
    public byte[] PerfectDepths { get; }

    /// <summary>Where each perfect tree starts in <see cref="PerfectAnswers"/>.</summary>
    public int[] PerfectStarts { get; }

    /// <summary>Of perfect trees the line of each node's answers; the root stands at 1, the children of i at 2i and 2i + 1.</summary>
    public ushort[] PerfectAnswers { get; }

    /// <summary>For each tree the <see cref="Slices"/> lines that hold its leaf's number.</summary>
    public ushort[] Outputs { get; }

    /// <summary>Where each tree's values start; a multiple of <see cref="LeavesAligned"/>.</summary>
    public int[] LeafStarts { get; }

    /// <summary>Values of the leaves.</summary>
    public float[] Leaves { get; }

    /// <summary>The same values for permutes of bytes: of each tree first all lowest bytes, then all second ones, and so on; made when it is first asked for.</summary>
    public AlignedBlock LeafPlanes => _leafPlanes.Value;

    /// <summary>Bytes of all that, with the values once.</summary>
    public long Bytes => (sizeof(ulong) * (long)Steps.Length) + (sizeof(ushort) * ((long)PerfectAnswers.Length + Outputs.Length + QuestionColumns.Length + QuestionKeys.Length)) + (sizeof(float) * (long)Leaves.Length) + (sizeof(int) * 3L * TreeCount);

    /// <summary>Writes the programs; null where a tree has too many leaves, or a row too many columns or sums.</summary>
    public static SlicedTrees? TryMake(PackedTrees trees) =>
        trees.Shape.LeavesMax > LeavesMax || trees.TargetCount > TargetsMax || trees.Ranks is not { } ranks || ranks.Columns * ranks.RankBytes > RowRankBytesMax
            ? null
            : new SlicedTrees(trees, ranks);

    // As many trees as have room for their answers; one always has.
    private int AddGroup(PackedTrees trees, int first)
    {
        var lines = new Dictionary<int, int>();
        var added = new List<int>();
        var end = first;
        while (end < TreeCount)
        {
            added.Clear();
            Collect(trees, trees.Roots[end], lines, added);
            if (FirstAnswer + lines.Count > LinesMax)
            {
                added.ForEach(question => lines.Remove(question));
                break;
            }

            end++;
        }

        // By column and key, so that a column is read once.
        var start = _questions.Count;
        int[] sorted = [.. lines.Keys];
        Array.Sort(sorted);
        foreach (var question in sorted)
        {
            lines[question] = FirstAnswer + _questions.Count - start;
            _questions.Add(question);
        }

        for (var t = first; t < end; t++)
        {
            AddTree(trees, t, lines);
        }

        _groups.Add(new Group(start, _questions.Count, first, end));
        return end;
    }

    private void AddTree(PackedTrees trees, int tree, Dictionary<int, int> lines)
    {
        var depth = Math.Max(PerfectDepthMin, trees.Shape.Depths[tree]);
        var isPerfect = depth <= Slices && trees.Shape.Leaves[tree] > 1 << (depth - 1);
        var program = new SliceProgram(trees, Ranks, lines);
        ushort[] outputs = isPerfect ? [] : program.Write(trees.Roots[tree]);
        PerfectStarts[tree] = _perfect.Count;
        if (isPerfect || (depth <= Slices && (StepsOfPerfect << depth) <= PerfectOfSteps * program.Steps.Count))
        {
            AddPerfect(trees, tree, depth, lines);
        }
        else
        {
            _steps.AddRange(program.Steps);
            _outputs.AddRange(outputs);
            _leaves.AddRange(program.Leaves);
        }

        StepEnds[tree] = _steps.Count;
        while (_leaves.Count % LeavesAligned != 0)
        {
            _leaves.Add(0);
        }

        LeafStarts[tree + 1] = _leaves.Count;
    }

    private void AddPerfect(PackedTrees trees, int tree, int depth, Dictionary<int, int> lines)
    {
        PerfectDepths[tree] = (byte)depth;
        var answers = new ushort[1 << depth];
        var leaves = new float[1 << depth];
        FillUp(trees, trees.Roots[tree], 1, depth, lines, answers, leaves);
        _perfect.AddRange(answers);
        _leaves.AddRange(leaves);
        for (var b = 0; b < Slices; b++)
        {
            _outputs.Add((ushort)(b < depth ? FirstValue + depth - 1 - b : Zeros));
        }
    }

    private void FillUp(PackedTrees trees, int index, int place, int levels, Dictionary<int, int> lines, ushort[] answers, float[] leaves)
    {
        ref readonly var node = ref trees.Nodes[index];
        if (node.Child == index)
        {
            // The places below say yes (the line of zeros); whichever is reached has the leaf's value.
            leaves.AsSpan((place << levels) - leaves.Length, 1 << levels).Fill(node.Value);
            return;
        }

        answers[place] = (ushort)lines[Ranks.Questions[index]];
        FillUp(trees, node.Child, 2 * place, levels - 1, lines, answers, leaves);
        FillUp(trees, node.Child + 1, (2 * place) + 1, levels - 1, lines, answers, leaves);
    }

    private unsafe AlignedBlock MakeLeafPlanes()
    {
        var planes = new AlignedBlock(sizeof(float) * (long)Leaves.Length);
        for (var t = 0; t < TreeCount; t++)
        {
            var count = LeafStarts[t + 1] - LeafStarts[t];
            var plane = planes.Start + (sizeof(float) * (long)LeafStarts[t]);
            for (var i = 0; i < count; i++)
            {
                var bits = BitConverter.SingleToUInt32Bits(Leaves[LeafStarts[t] + i]);
                for (var b = 0; b < sizeof(float); b++)
                {
                    plane[(b * count) + i] = (byte)(bits >> (8 * b));
                }
            }
        }

        return planes;
    }

    private void Collect(PackedTrees trees, int index, Dictionary<int, int> lines, List<int> added)
    {
        ref readonly var node = ref trees.Nodes[index];
        if (node.Child == index)
        {
            return;
        }

        if (lines.TryAdd(Ranks.Questions[index], 0))
        {
            added.Add(Ranks.Questions[index]);
        }

        Collect(trees, node.Child, lines, added);
        Collect(trees, node.Child + 1, lines, added);
    }

    /// <summary>Trees whose questions are answered together.</summary>
    /// <param name="FirstQuestion">The question whose answers lie in line <see cref="FirstAnswer"/>.</param>
    /// <param name="QuestionEnd">Behind the last question.</param>
    /// <param name="FirstTree">The first tree.</param>
    /// <param name="TreeEnd">Behind the last tree.</param>
    public readonly record struct Group(int FirstQuestion, int QuestionEnd, int FirstTree, int TreeEnd);
}
