using Mlp.Core;

namespace Mlp.Inference;

/// <summary>Rows made up for a trial. Where trees read an input, values lie about their thresholds, so that the rows take many ways through them.</summary>
internal static class SampleRows
{
    public static float[] MadeFrom(ModelFile file, int rows)
    {
        var random = new Random(20250101);
        var (thresholds, categories) = Thresholds(file);
        var row = file.Layout.RowElements;
        var samples = new float[checked(row * rows)];
        for (var i = 0; i < samples.Length; i++)
        {
            var known = thresholds[i % row];
            samples[i] = known is null
                ? (float)((random.NextDouble() * 4) - 2)
                : categories[i % row] ? known[random.Next(known.Count)]
                : random.Next(3) switch
                {
                    0 => known[random.Next(known.Count)],
                    1 => MathF.BitIncrement(known[random.Next(known.Count)]),
                    _ => (known[random.Next(known.Count)] + known[random.Next(known.Count)]) / 2,
                };
        }

        return samples;
    }

    // Of each feature: what its questions compare it with, and whether any asks for a set, which has whole numbers only.
    private static (List<float>?[] Thresholds, bool[] Categories) Thresholds(ModelFile file)
    {
        var found = new List<float>?[file.Layout.RowElements];
        var categories = new bool[found.Length];
        foreach (var node in file.Model.Graph.Nodes)
        {
            var isTrees = node.OpType is "TreeEnsemble" or "TreeEnsembleClassifier" or "TreeEnsembleRegressor";
            if (!isTrees || node.Inputs.Count == 0 || Find(file.Layout, node.Inputs[0]) is not { } input)
            {
                continue;
            }

            var ensemble = TreeEnsembleNode.Read(node, input.Width).Ensemble;
            foreach (ref readonly var question in ensemble.Nodes)
            {
                var place = input.Offset + question.Feature;
                if (question.Mode == NodeMode.Member)
                {
                    categories[place] = true;
                    AddMembers(found[place] ??= [], ensemble.SetOf(question));
                }
                else if (question.Mode != NodeMode.Leaf && double.IsFinite(question.Threshold))
                {
                    (found[place] ??= []).Add((float)question.Threshold);
                }
            }
        }

        return (found, categories);
    }

    // The first category that is in a set, and one that is in none.
    private static void AddMembers(List<float> values, ReadOnlySpan<ulong> set)
    {
        values.Add(set.Length * 64);
        for (var word = 0; word < set.Length; word++)
        {
            if (set[word] != 0)
            {
                values.Add((word * 64) + System.Numerics.BitOperations.TrailingZeroCount(set[word]));
                return;
            }
        }
    }

    private static (int Offset, int Width)? Find(ModelLayout layout, string input)
    {
        var offset = 0;
        foreach (var tensor in layout.Inputs)
        {
            if (tensor.Name == input)
            {
                return (offset, tensor.Width);
            }

            offset += tensor.Width;
        }

        return null;
    }
}
