using System.Diagnostics;

namespace Mlp.Kernels;

/// <summary>Writes the selects of one tree (<see cref="SlicedTrees"/>).</summary>
/// <remarks>A tree of at most 256 leaves is at most 255 deep, so recursion is bounded. The side with more leaves goes first: then few values wait at any time.</remarks>
internal sealed class SliceProgram(PackedTrees trees, ThresholdRanks ranks, IReadOnlyDictionary<int, int> lines)
{
    private readonly Stack<ushort> _free = new();
    private readonly Dictionary<int, int> _leavesOf = [];
    private ushort _nextFree = SlicedTrees.FirstValue;

    /// <summary>Values of the leaves, from left to right.</summary>
    public List<float> Leaves { get; } = [];

    /// <summary>The selects, as <see cref="SlicedTrees.Steps"/> has them.</summary>
    public List<ulong> Steps { get; } = [];

    /// <summary>Writes a tree's selects, and gives the lines that hold the number of the leaf.</summary>
    public ushort[] Write(int root)
    {
        Count(root);
        return Write(root, 0);
    }

    private int Count(int index)
    {
        var child = trees.Nodes[index].Child;
        if (child == index)
        {
            Leaves.Add(trees.Nodes[index].Value);
            return 1;
        }

        var count = Count(child);
        count += Count(child + 1);
        _leavesOf[index] = count;
        return count;
    }

    private ushort[] Write(int index, int firstLeaf)
    {
        ref readonly var node = ref trees.Nodes[index];
        if (node.Child == index)
        {
            var number = new ushort[SlicedTrees.Slices];
            for (var b = 0; b < number.Length; b++)
            {
                number[b] = (ushort)(((firstLeaf >> b) & 1) == 0 ? SlicedTrees.Zeros : SlicedTrees.Ones);
            }

            return number;
        }

        int left = LeavesOf(node.Child), right = LeavesOf(node.Child + 1);
        ushort[] yes, no;
        if (left >= right)
        {
            yes = Write(node.Child, firstLeaf);
            no = Write(node.Child + 1, firstLeaf + left);
        }
        else
        {
            no = Write(node.Child + 1, firstLeaf + left);
            yes = Write(node.Child, firstLeaf);
        }

        var answers = (ushort)lines[ranks.Questions[index]];
        for (var b = 0; b < yes.Length; b++)
        {
            yes[b] = Select(answers, yes[b], no[b]);
        }

        return yes;
    }

    // An answer is 1 for no.
    private ushort Select(ushort answers, ushort yes, ushort no)
    {
        if (yes == no)
        {
            return yes;
        }

        if (yes == SlicedTrees.Zeros && no == SlicedTrees.Ones)
        {
            return answers;
        }

        var into = IsValue(yes) ? yes : IsValue(no) ? no : Take();
        if (IsValue(no) && into != no)
        {
            _free.Push(no);
        }

        Steps.Add(answers | ((ulong)into << 16) | ((ulong)yes << 32) | ((ulong)no << 48));
        return into;
    }

    private ushort Take()
    {
        if (_free.TryPop(out var line))
        {
            return line;
        }

        Debug.Assert(_nextFree < SlicedTrees.FirstAnswer, "at most nine results wait, of eight slices each");
        return _nextFree++;
    }

    private int LeavesOf(int index) => _leavesOf.GetValueOrDefault(index, 1);

    private static bool IsValue(ushort line) => line is >= SlicedTrees.FirstValue and < SlicedTrees.FirstAnswer;
}
