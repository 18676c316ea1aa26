using System.Diagnostics;

namespace Mlp.Kernels;

/// <summary>Times the walks on rows about the trees' own thresholds, and makes strides of what won.</summary>
internal sealed class TreeTrial
{
    // Rows of the strides that are tried, what matters most first: time may run out.
    private static readonly int[] Sizes = [1, RowsMax, 64, 128, 256, 16];

    private const int RowsMax = 512;

    // Rows from which a block is taken unmeasured.
    private const int UnmeasuredRowsMin = 128;

    // Repetitions of which the fastest counts; the first few also compile and bring the trees into the cache.
    private const int Repeats = 4;

    // Rows that narrow strides are timed on.
    private const int LoneRows = 64;

    private readonly PackedTrees _trees;
    private readonly float[] _rows;
    private readonly float[] _sums;
    private readonly int _msMax;
    private readonly long _started = Stopwatch.GetTimestamp();

    private TreeTrial(PackedTrees trees, int msMax)
    {
        _trees = trees;
        _msMax = msMax;
        _rows = Rows(trees, RowsMax);
        _sums = new float[RowsMax * trees.TargetCount];
    }

    private double LeftNanoseconds => (_msMax * 1e6) - Stopwatch.GetElapsedTime(_started).TotalNanoseconds;

    /// <summary>Chooses.</summary>
    public static TreeStride[] Choose(PackedTrees trees, TreePlanOptions options)
    {
        if (TreeWalks.Named(options.Walk) is { } forced)
        {
            forced.Prepare(trees);
            return [new TreeStride(forced, int.MaxValue, 1, 0)];
        }

        var fitting = Fitting(trees);
        return options.TrialMsMax == 0 ? Usual(fitting) : new TreeTrial(trees, options.TrialMsMax).Measure(fitting);
    }

    // Of each family (masks, ranked, sliced) the one of the best instructions: a name is family-instructions.
    private static List<ITreeWalk> Fitting(PackedTrees trees)
    {
        var fitting = new List<ITreeWalk>();
        foreach (var walk in TreeWalks.All)
        {
            if (walk is ScalarTreeWalk || !walk.Prepare(trees))
            {
                continue;
            }

            var same = fitting.FindIndex(other => FamilyOf(other).SequenceEqual(FamilyOf(walk)));
            if (same >= 0)
            {
                fitting.RemoveAt(same);
            }

            fitting.Add(walk);
        }

        return fitting;
    }

    private static ReadOnlySpan<char> FamilyOf(ITreeWalk walk) => walk.Name.AsSpan(0, (walk.Name + "-").IndexOf('-'));

    // The last that goes row by row, and the last that goes by blocks.
    private static TreeStride[] Usual(List<ITreeWalk> fitting)
    {
        var lone = fitting.FindLast(walk => walk.BlockRowsMin == 1)!;
        return fitting[^1] is { BlockRowsMin: > 1 } many
            ? [new TreeStride(many, int.MaxValue, UnmeasuredRowsMin, 0), new TreeStride(lone, int.MaxValue, 1, 0)]
            : [new TreeStride(lone, int.MaxValue, 1, 0)];
    }

    private TreeStride[] Measure(List<ITreeWalk> fitting)
    {
        var fastest = new List<TreeStride>();
        foreach (var size in Sizes)
        {
            if (Fastest(fitting, size) is { } stride)
            {
                fastest.Add(stride);
            }
        }

        if (fastest.Count < 2)
        {
            return Usual(fitting);
        }

        // From one row upwards: a wider stride has to beat what takes its rows so far.
        fastest.Sort((a, b) => a.Rows.CompareTo(b.Rows));
        var strides = new List<TreeStride>();
        foreach (var stride in fastest)
        {
            if (strides.Count == 0)
            {
                strides.Add(stride with { RowsMin = 1 });
            }
            else if (stride.Walk == strides[0].Walk && stride.Walk.BlockRowsMin == 1)
            {
                strides[0] = strides[0] with { Rows = stride.Rows };
            }
            else if (stride.Nanoseconds < strides[0].Nanoseconds)
            {
                // A block is worth its time from so many rows on as would take the same time by what came before.
                var rows = stride.Walk.BlockRowsMin == 1 ? stride.Rows : (int)Math.Ceiling(stride.Rows * stride.Nanoseconds / strides[0].Nanoseconds);
                strides.Insert(0, stride with { RowsMin = Math.Clamp(rows, 1, stride.Rows) });
            }
        }

        // Whatever is widest takes as many rows at once as there are.
        strides[0] = strides[0] with { Rows = int.MaxValue };
        return [.. strides];
    }

    private TreeStride? Fastest(List<ITreeWalk> fitting, int size)
    {
        TreeStride? fastest = null;

        // The most promising first, should time run out.
        for (var i = fitting.Count - 1; i >= 0; i--)
        {
            var walk = fitting[i];
            // A block that would be mostly empty says nothing.
            if (walk.BlockRowsMin > 4 * size || LeftNanoseconds <= 0)
            {
                continue;
            }

            var time = Time(walk, size, fastest?.Nanoseconds ?? double.PositiveInfinity);
            if (!(time >= fastest?.Nanoseconds))
            {
                fastest = new TreeStride(walk, size, size, time);
            }
        }

        return fastest;
    }

    // Different rows, for a walk that sees the same ones again has learnt their way.
    private double Time(ITreeWalk walk, int size, double best)
    {
        var calls = Math.Max(1, LoneRows / size);
        var least = double.PositiveInfinity;
        for (var i = 0; i < Repeats && (i < 2 || (least < 2 * best && LeftNanoseconds > 0)); i++)
        {
            var at = Stopwatch.GetTimestamp();
            for (var call = 0; call < calls; call++)
            {
                walk.Sum(_trees, _rows.AsSpan(call * size * _trees.RowLength, size * _trees.RowLength), _sums.AsSpan(0, size * _trees.TargetCount));
            }

            least = Math.Min(least, Stopwatch.GetElapsedTime(at).TotalNanoseconds / (calls * size));
        }

        return least;
    }

    // Each value at, below or above one of its column's thresholds, so that every way down is taken.
    private static float[] Rows(PackedTrees trees, int count)
    {
        var thresholds = new List<float>[trees.RowLength];
        for (var i = 0; i < trees.Nodes.Length; i++)
        {
            ref readonly var node = ref trees.Nodes[i];
            if (node.Child != i)
            {
                (thresholds[node.Feature & ~PackedNode.MissingGoesTrue] ??= []).Add(node.Threshold);
            }
        }

        var random = new Random(1);
        var rows = new float[count * trees.RowLength];
        for (var i = 0; i < rows.Length; i++)
        {
            if (thresholds[i % trees.RowLength] is { } known)
            {
                var threshold = known[random.Next(known.Count)];
                rows[i] = random.Next(2) == 0 ? threshold : MathF.BitIncrement(threshold);
            }
        }

        return rows;
    }
}
