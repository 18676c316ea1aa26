using Mlp.Core;

namespace Mlp.Inference;

/// <summary>Rows made up for a trial. Where trees read an input, values lie about their thresholds, so that the rows take many ways through them.</summary>
internal static class SampleRows
{
    public static float[] MadeFrom(ModelFile file, int rows)
    {
        var random = new Random(20250101);
        var thresholds = Thresholds(file);
        var row = file.Layout.RowElements;
        var samples = new float[checked(row * rows)];
        for (var i = 0; i < samples.Length; i++)
        {
            var known = thresholds[i % row];
            samples[i] = known is null
                ? (float)((random.NextDouble() * 4) - 2)
                : random.Next(3) switch
                {
                    0 => known[random.Next(known.Count)],
                    1 => MathF.BitIncrement(known[random.Next(known.Count)]),
                    _ => (known[random.Next(known.Count)] + known[random.Next(known.Count)]) / 2,
                };
        }

        return samples;
    }

    private static List<float>?[] Thresholds(ModelFile file)
    {
        var found = new List<float>?[file.Layout.RowElements];
        foreach (var node in file.Model.Graph.Nodes)
        {
            var start = node.Inputs.Count == 0 ? -1 : Offset(file.Layout, node.Inputs[0]);
            if (start < 0 || !node.Attributes.ContainsKey("nodes_featureids"))
            {
                continue;
            }

            var features = node.Ints("nodes_featureids");
            var values = node.Floats("nodes_values");
            var modes = node.Texts("nodes_modes");
            for (var i = 0; i < features.Length && i < values.Length && i < modes.Length; i++)
            {
                if (modes[i] != "LEAF" && features[i] >= 0 && start + features[i] < found.Length && float.IsFinite(values[i]))
                {
                    (found[start + features[i]] ??= []).Add(values[i]);
                }
            }
        }

        return found;
    }

    private static int Offset(ModelLayout layout, string input)
    {
        var offset = 0;
        foreach (var tensor in layout.Inputs)
        {
            if (tensor.Name == input)
            {
                return offset;
            }

            offset += tensor.Width;
        }

        return -1;
    }
}
