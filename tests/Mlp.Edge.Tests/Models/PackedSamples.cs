using Mlp.Kernels;

namespace Mlp.Edge.Tests.Models;

/// <summary>Seeded packed trees of every shape, and rows about their thresholds.</summary>
internal sealed class PackedSamples(int seed)
{
    private static readonly float[] Special = [float.NegativeInfinity, float.PositiveInfinity, 0f, -0f, float.Epsilon, -float.Epsilon, 1e-40f, float.MaxValue, float.MinValue];

    private readonly Random _random = new(seed);
    private readonly List<PackedNode> _nodes = [];
    private readonly List<int> _roots = [];

    public int Features { get; init; } = 7;

    /// <summary>Distinct thresholds, about so many; 0 for as many as there are questions.</summary>
    public int Thresholds { get; init; } = 40;

    public int Trees => _roots.Count;

    /// <summary>A tree whose branches stop by chance; of depth 0 one leaf.</summary>
    public PackedSamples Ragged(int depth, double stop = 0.2) => Grow((level, _) => level == depth || (level > 0 && _random.NextDouble() < stop));

    /// <summary>A tree that has everything down to a depth.</summary>
    public PackedSamples Perfect(int depth) => Grow((level, _) => level == depth);

    /// <summary>A tree where each branch has a leaf on one side.</summary>
    public PackedSamples Chain(int depth, bool ofYes) => Grow((level, yes) => level == depth || (level > 0 && yes != ofYes));

    /// <summary>A tree that grows where chance has it, up to a number of leaves.</summary>
    public PackedSamples LeafWise(int leaves)
    {
        var left = leaves - 1;
        return Grow((level, _) => left == 0 || (level > 0 && _random.Next(3) == 0) || left-- <= 0);
    }

    public PackedTrees Build(int targets = 1) =>
        new([.. _nodes], [.. _roots], Features, targets == 1 ? null : [.. _roots.Select(_ => _random.Next(targets))], targets);

    /// <summary>Values at, just above and just below thresholds, missing ones, and those that break comparisons.</summary>
    public float[] Rows(PackedTrees trees, int count)
    {
        var thresholds = trees.Nodes.ToArray().Where((node, i) => node.Child != i).ToLookup(node => node.Feature & ~PackedNode.MissingGoesTrue, node => node.Threshold).ToDictionary(g => g.Key, g => g.ToArray());
        var rows = new float[count * trees.RowLength];
        for (var i = 0; i < rows.Length; i++)
        {
            var known = thresholds.GetValueOrDefault(i % trees.RowLength) ?? [0];
            var at = known[_random.Next(known.Length)];
            rows[i] = _random.Next(12) switch
            {
                0 => float.NaN,
                1 => Special[_random.Next(Special.Length)],
                < 5 => at,
                < 8 => MathF.BitIncrement(at),
                < 10 => MathF.BitDecrement(at),
                _ => Threshold(),
            };
        }

        return rows;
    }

    private PackedSamples Grow(Func<int, bool, bool> isLeaf)
    {
        _roots.Add(_nodes.Count);
        _nodes.Add(default);
        var open = new Queue<(int Place, int Level, bool Yes)>([(_nodes.Count - 1, 0, false)]);
        while (open.TryDequeue(out var next))
        {
            if (isLeaf(next.Level, next.Yes))
            {
                _nodes[next.Place] = new PackedNode { Threshold = float.PositiveInfinity, Feature = PackedNode.MissingGoesTrue, Child = next.Place, Value = (float)_random.NextDouble() - 0.5f };
                continue;
            }

            var child = _nodes.Count;
            _nodes.Add(default);
            _nodes.Add(default);
            _nodes[next.Place] = new PackedNode { Threshold = Threshold(), Feature = _random.Next(Features) | (_random.Next(2) == 0 ? PackedNode.MissingGoesTrue : 0), Child = child };
            open.Enqueue((child, next.Level + 1, true));
            open.Enqueue((child + 1, next.Level + 1, false));
        }

        return this;
    }

    private float Threshold()
    {
        if (Thresholds == 0)
        {
            return (float)(_random.NextDouble() - 0.5);
        }

        var i = _random.Next(Thresholds);
        return i < Special.Length ? Special[i] : (i - (Thresholds / 2)) / 8f;
    }
}
