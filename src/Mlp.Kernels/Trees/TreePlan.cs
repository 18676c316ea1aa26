namespace Mlp.Kernels;

/// <summary>Which walk takes how many rows of given trees: chosen once, by measuring, or by <c>MLP_FORCE_KERNEL</c>. Any choice gives the same bits.</summary>
/// <example><c>var plan = TreePlan.Make(trees); plan.Sum(rows, sums);</c></example>
public sealed class TreePlan
{
    // Rows of a thread's turn: some blocks, so that taking one costs nothing beside it.
    private const int TurnRows = 2048;

    // Rows that are widened at once: a block, so that they stay in the cache.
    private const int WidenRows = 512;

    private readonly PackedTrees _trees;
    private readonly TreeStride[] _strides;
    private readonly ITreeWalk _lone;

    private TreePlan(PackedTrees trees, TreeStride[] strides)
    {
        _trees = trees;
        _strides = strides;
        _lone = strides[^1].Walk;
        Layout = TreeLayout.Of(trees, strides);
    }

    /// <summary>What was chosen, for people.</summary>
    public TreeLayout Layout { get; }

    /// <summary>Chooses.</summary>
    /// <param name="trees">The trees.</param>
    /// <param name="options">How long choosing may take, and a walk that is forced.</param>
    public static TreePlan Make(PackedTrees trees, TreePlanOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(trees);
        options ??= new TreePlanOptions();
        options.Validate();
        return new TreePlan(trees, TreeTrial.Choose(trees, options));
    }

    /// <summary>Adds the leaves that each row reaches to its sums, in float and in the order of the trees, whatever the number of rows.</summary>
    /// <param name="rows">Row-major, <see cref="PackedTrees.FeatureCount"/> a row.</param>
    /// <param name="sums">Row-major, <see cref="PackedTrees.TargetCount"/> a row: what they hold is added to, so base values or zeros.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    public void Sum(ReadOnlySpan<float> rows, Span<float> sums)
    {
        // One row has no time for divisions.
        if (rows.Length == _trees.FeatureCount && sums.Length == _trees.TargetCount && _trees.Derived.Length == 0)
        {
            _lone.Sum(_trees, rows, sums);
            return;
        }

        var count = CountOf(rows.Length, sums.Length, _trees.TargetCount, nameof(sums));
        if (_trees.Derived.Length == 0)
        {
            SumWide(rows, sums, count);
            return;
        }

        var wide = System.Buffers.ArrayPool<float>.Shared.Rent(checked(Math.Min(WidenRows, count) * _trees.RowLength));
        for (var done = 0; done < count; done += WidenRows)
        {
            var taken = Math.Min(WidenRows, count - done);
            var block = wide.AsSpan(0, taken * _trees.RowLength);
            _trees.Widen(rows.Slice(done * _trees.FeatureCount, taken * _trees.FeatureCount), block);
            SumWide(block, sums.Slice(done * _trees.TargetCount, taken * _trees.TargetCount), taken);
        }

        System.Buffers.ArrayPool<float>.Shared.Return(wide);
    }

    /// <summary>The same by several threads: the calling one and others of the pool.</summary>
    /// <param name="rows">Row-major, <see cref="PackedTrees.FeatureCount"/> a row.</param>
    /// <param name="sums">Row-major, <see cref="PackedTrees.TargetCount"/> a row.</param>
    /// <param name="threads">Most threads at once; rows too few for more than one are left to the calling one.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    public void Sum(ReadOnlyMemory<float> rows, Memory<float> sums, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        var count = CountOf(rows.Length, sums.Length, _trees.TargetCount, nameof(sums));
        var turns = (count + TurnRows - 1) / TurnRows;
        if (threads == 1 || turns <= 1)
        {
            Sum(rows.Span, sums.Span);
            return;
        }

        Split(rows, sums, threads, turns, count);
    }

    /// <summary>The leaf that each row reaches in each tree.</summary>
    /// <param name="rows">Row-major, <see cref="PackedTrees.FeatureCount"/> a row.</param>
    /// <param name="leaves">Row-major, one a tree: an index into <see cref="PackedTrees.Nodes"/>.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    public void Leaves(ReadOnlySpan<float> rows, Span<int> leaves)
    {
        var trees = _trees.Roots.Length;
        var count = CountOf(rows.Length, leaves.Length, trees, nameof(leaves));
        if (_trees.Derived.Length == 0)
        {
            InterleavedTreeWalk.Leaves(_trees, rows, leaves);
            return;
        }

        var wide = System.Buffers.ArrayPool<float>.Shared.Rent(_trees.RowLength);
        var row = wide.AsSpan(0, _trees.RowLength);
        for (var r = 0; r < count; r++)
        {
            _trees.Widen(rows.Slice(r * _trees.FeatureCount, _trees.FeatureCount), row);
            InterleavedTreeWalk.Leaves(_trees, row, leaves.Slice(r * trees, trees));
        }

        System.Buffers.ArrayPool<float>.Shared.Return(wide);
    }

    // A method of its own, so that one thread pays for no closure.
    private void Split(ReadOnlyMemory<float> rows, Memory<float> sums, int threads, int turns, int count) =>
        Parallel.For(0, turns, new ParallelOptions { MaxDegreeOfParallelism = threads }, turn =>
        {
            var first = turn * TurnRows;
            var taken = Math.Min(TurnRows, count - first);
            Sum(rows.Span.Slice(first * _trees.FeatureCount, taken * _trees.FeatureCount), sums.Span.Slice(first * _trees.TargetCount, taken * _trees.TargetCount));
        });

    // The widest stride that the rows are enough for, as often as they are.
    private void SumWide(ReadOnlySpan<float> rows, Span<float> sums, int count)
    {
        var done = 0;
        foreach (var stride in _strides)
        {
            while (count - done >= stride.RowsMin)
            {
                var taken = Math.Min(stride.Rows, count - done);
                stride.Walk.Sum(_trees, rows.Slice(done * _trees.RowLength, taken * _trees.RowLength), sums.Slice(done * _trees.TargetCount, taken * _trees.TargetCount));
                done += taken;
            }
        }
    }

    private int CountOf(int rowElements, int elements, int perRow, string name)
    {
        var count = rowElements / _trees.FeatureCount;
        return rowElements == (long)count * _trees.FeatureCount && elements == (long)count * perRow
            ? count
            : throw new ArgumentException($"{rowElements} elements of rows of {_trees.FeatureCount} need {(long)count * perRow} elements, {perRow} a row; there are {elements}.", name);
    }
}
