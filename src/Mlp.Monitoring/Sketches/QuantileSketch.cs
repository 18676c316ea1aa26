using System.Runtime.InteropServices;

namespace Mlp.Monitoring;

/// <summary>
/// The distribution of any number of values in bounded memory: a KLL sketch (Karnin, Lang, Liberty: "Optimal Quantile
/// Approximation in Streams", FOCS 2016). Sketches of parts merge into the sketch of the whole.
/// </summary>
/// <remarks>
/// Level h holds values that stand for 2^h of the values seen. A full level is sorted, and every second value, the odd or the
/// even ones as a random bit says, moves up. The bits come from a seed: the same values in the same order give the same sketch.
/// At most about 3 <see cref="K"/> values are held. Not safe for several threads at once.
/// </remarks>
public sealed class QuantileSketch
{
    /// <summary>The accuracy that serves: ranks are within 1.33 % with 99 % confidence.</summary>
    public const int DefaultK = 200;

    /// <summary>Smallest accuracy.</summary>
    public const int KMin = 8;

    /// <summary>Largest accuracy.</summary>
    public const int KMax = 65_535;

    // A level of weight 2^61 would be more values than the count can hold.
    internal const int LevelsMax = 61;

    private const int LevelCapacityMin = 8;
    private const double LevelShrink = 2.0 / 3.0;
    private readonly List<List<float>> _levels;
    private int _held;
    private int _capacity;
    private ulong _random;

    /// <summary>Creates an empty sketch.</summary>
    /// <param name="k">The accuracy, <see cref="KMin"/> to <see cref="KMax"/>.</param>
    /// <param name="seed">Where the random bits start.</param>
    public QuantileSketch(int k = DefaultK, long seed = 0)
        : this(k, unchecked((ulong)seed), [[]])
    {
    }

    internal QuantileSketch(int k, ulong random, List<List<float>> levels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, KMin);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, KMax);
        K = k;
        _random = random;
        _levels = levels;
        for (var level = 0; level < levels.Count; level++)
        {
            _held += levels[level].Count;
            Count += (long)levels[level].Count << level;
        }

        _capacity = CapacityOf(levels.Count, k);
    }

    /// <summary>The accuracy: memory grows with it, the error falls with it.</summary>
    public int K { get; }

    /// <summary>Values seen.</summary>
    public long Count { get; private set; }

    /// <summary>The smallest value seen, exact; NaN when there is none.</summary>
    public float Min { get; internal set; } = float.NaN;

    /// <summary>The largest value seen, exact; NaN when there is none.</summary>
    public float Max { get; internal set; } = float.NaN;

    /// <summary>Values held in memory now.</summary>
    public int Held => _held;

    /// <summary>How far a share may be off, with 99 % confidence; the fit that Apache DataSketches publishes for this sketch.</summary>
    public double RankErrorBound => 2.296 / Math.Pow(K, 0.9723);

    internal ulong RandomState => _random;

    internal IReadOnlyList<List<float>> Levels => _levels;

    /// <summary>Adds a value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is NaN or infinite: what is no value has no rank.</exception>
    public void Add(float value)
    {
        if (!float.IsFinite(value))
        {
            throw new ArgumentOutOfRangeException(nameof(value), value, "A quantile sketch takes finite values only.");
        }

        Min = float.MinNumber(Min, value);
        Max = float.MaxNumber(Max, value);
        Count++;
        _levels[0].Add(value);
        _held++;
        CompactUntilItFits();
    }

    /// <summary>Adds all that another sketch has seen. The other one is not changed.</summary>
    /// <exception cref="MonitoringException"><see cref="MonitoringErrors.ProfilesDiffer"/>: it has another <see cref="K"/>.</exception>
    public void Merge(QuantileSketch other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.K != K)
        {
            throw new MonitoringException(MonitoringErrors.ProfilesDiffer, $"A sketch with k = {other.K} cannot be merged into one with k = {K}.");
        }

        // A copy first: merging a sketch into itself must not read what it writes.
        foreach (var (level, values) in other.Copy().Index())
        {
            if (level == _levels.Count)
            {
                AddLevel();
            }

            _levels[level].AddRange(values);
            _held += values.Count;
        }

        Count += other.Count;
        Min = float.MinNumber(Min, other.Min);
        Max = float.MaxNumber(Max, other.Max);
        CompactUntilItFits();
    }

    /// <summary>An independent copy.</summary>
    public QuantileSketch Clone() => new(K, _random, Copy()) { Min = Min, Max = Max };

    /// <summary>The distribution of the values seen so far, ready to be asked.</summary>
    public SketchDistribution ToDistribution() => new(this);

    internal static int CapacityOf(int levels, int k)
    {
        var capacity = 0;
        for (var level = 0; level < levels; level++)
        {
            capacity += LevelCapacity(level, levels, k);
        }

        return capacity;
    }

    // The top level holds k values, each level below two thirds of the one above.
    private static int LevelCapacity(int level, int levels, int k) =>
        Math.Max(LevelCapacityMin, (int)Math.Ceiling(k * Math.Pow(LevelShrink, levels - 1 - level)));

    private List<List<float>> Copy()
    {
        var copy = new List<List<float>>(_levels.Count);
        foreach (var values in _levels)
        {
            copy.Add([.. values]);
        }

        return copy;
    }

    private void CompactUntilItFits()
    {
        while (_held >= _capacity)
        {
            var level = 0;
            while (_levels[level].Count < LevelCapacity(level, _levels.Count, K))
            {
                // When all levels together are full, one of them is.
                level++;
            }

            Compact(level);
        }
    }

    private void Compact(int level)
    {
        if (level + 1 == _levels.Count)
        {
            AddLevel();
        }

        var values = _levels[level];
        values.Sort();

        // An odd value stays, so that no weight is lost.
        var kept = values.Count & 1;
        var above = _levels[level + 1];
        for (var i = kept + NextBit(); i < values.Count; i += 2)
        {
            above.Add(values[i]);
        }

        _held -= (values.Count - kept) / 2;
        CollectionsMarshal.SetCount(values, kept);
    }

    private void AddLevel()
    {
        _levels.Add([]);
        _capacity = CapacityOf(_levels.Count, K);
    }

    // SplitMix64 (Steele, Lea, Flood 2014): the whole state is one number, so that it can travel with the sketch.
    private int NextBit()
    {
        _random += 0x9E3779B97F4A7C15;
        var z = _random;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return (int)((z ^ (z >> 31)) >> 63);
    }
}
