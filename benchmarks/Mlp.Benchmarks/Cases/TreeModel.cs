using Mlp.Core;

namespace Mlp.Benchmarks;

/// <summary>The model that is measured, and rows for it.</summary>
internal sealed class TreeModel
{
    private const int Trees = 200;
    private const int Leaves = 31;
    private const int Features = 17;

    private TreeModel(byte[] onnx, string origin)
    {
        Onnx = onnx;
        Origin = origin;
    }

    public byte[] Onnx { get; }

    /// <summary>Where it comes from, for people.</summary>
    public string Origin { get; }

    /// <summary>The demo's own model where the demo has run; else a seeded one of the same shape.</summary>
    public static TreeModel Find(string root)
    {
        var folder = Path.Combine(root, "artifacts", "flight-delay");
        if (Directory.Exists(folder))
        {
            foreach (var manifest in Directory.EnumerateFiles(folder, PackageManifest.FileName, SearchOption.AllDirectories).OrderByDescending(File.GetLastWriteTimeUtc))
            {
                var package = ModelPackage.Open(Path.GetDirectoryName(manifest)!);
                return new TreeModel(File.ReadAllBytes(package.ModelPath), $"the demo's model '{package.Manifest.Name}' in {Path.GetRelativePath(root, package.Folder)}");
            }
        }

        return new TreeModel(TreeEnsembleOnnx.BinaryClassifier(Grow()).Write(), $"no demo has run here, so a seeded ensemble of the same shape: {Trees} trees of {Leaves} leaves over {Features} features");
    }

    /// <summary>Rows whose values lie about the model's own thresholds, so that every way down is taken; one value in fifty is missing.</summary>
    public float[] Rows(int count)
    {
        var model = OnnxModel.Read(Onnx);
        var width = model.Signature().Inputs[0].RowElements;
        var thresholds = Thresholds(model, width);
        var random = new Random(3);
        var rows = new float[count * width];
        for (var i = 0; i < rows.Length; i++)
        {
            var known = thresholds[i % width];
            var value = known.Count == 0 ? random.NextSingle() : known[random.Next(known.Count)];
            rows[i] = random.Next(50) == 0 ? float.NaN : value + ((random.NextSingle() - 0.5f) * (0.1f + Math.Abs(value)));
        }

        return rows;
    }

    private static List<float>[] Thresholds(OnnxModel model, int width)
    {
        var lists = new List<float>[width];
        for (var i = 0; i < width; i++)
        {
            lists[i] = [];
        }

        foreach (var node in model.Graph.Nodes.Where(n => n.OpType.StartsWith("TreeEnsemble", StringComparison.Ordinal)))
        {
            foreach (ref readonly var question in TreeEnsembleNode.Read(node, width).Ensemble.Nodes)
            {
                if (question.Mode != NodeMode.Leaf)
                {
                    lists[question.Feature].Add((float)question.Threshold);
                }
            }
        }

        return lists;
    }

    // Best-first growth, as a boosting trainer does it: a leaf that is drawn becomes a question with two leaves.
    private static TreeEnsemble Grow()
    {
        var random = new Random(17);
        var builder = new TreeEnsembleBuilder(Features);
        for (var tree = 0; tree < Trees; tree++)
        {
            var children = new List<(int True, int False)?> { null };
            for (var leaves = 1; leaves < Leaves; leaves++)
            {
                int split;
                do
                {
                    split = random.Next(children.Count);
                }
                while (children[split] is not null);
                children[split] = (children.Count, children.Count + 1);
                children.Add(null);
                children.Add(null);
            }

            builder.BeginTree();
            foreach (var node in children)
            {
                _ = node is { } pair
                    ? builder.Branch(NodeMode.LessOrEqual, random.Next(Features), MathF.Round(random.NextSingle() * 250) / 10, pair.True, pair.False)
                    : builder.Leaf((random.NextSingle() - 0.5f) * 0.1f);
            }
        }

        return builder.Build(postTransform: PostTransform.Logistic);
    }
}
