using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mlp.Core;
using Mlp.Kernels;

namespace Mlp.Benchmarks;

/// <summary>
/// Seeded ensembles of the shape that boosting gives: perfect trees over 28 features (as many as the HIGGS data have) whose
/// thresholds are cuts of a histogram, 255 bins a feature, and whose missing values go either way. The same trees as ONNX, as
/// XGBoost's own file, and packed.
/// </summary>
internal sealed class BoostedTrees
{
    private const int Features = 28;
    private const int Cuts = 254;

    private readonly int _trees;
    private readonly int _depth;
    private readonly Node[] _nodes;

    private BoostedTrees(int trees, int depth)
    {
        (_trees, _depth) = (trees, depth);
        Name = $"{trees} trees of depth {depth}";
        var random = new Random((1000 * depth) + trees);
        var cuts = new float[Features][];
        for (var f = 0; f < Features; f++)
        {
            cuts[f] = [.. Enumerable.Range(0, Cuts).Select(_ => Normal(random)).Order()];
        }

        var branches = (1 << depth) - 1;
        _nodes = new Node[trees * NodesPerTree];
        for (var i = 0; i < _nodes.Length; i++)
        {
            var feature = random.Next(Features);
            _nodes[i] = i % NodesPerTree < branches
                ? new Node(feature, cuts[feature][random.Next(Cuts)], random.Next(2) == 0)
                : new Node(-1, (random.NextSingle() - 0.5f) * 0.1f, false);
        }

        Onnx = TreeEnsembleOnnx.BinaryClassifier(Ensemble()).Write();
    }

    /// <summary>The three that are measured.</summary>
    public static IReadOnlyList<BoostedTrees> All { get; } = [new(100, 6), new(500, 6), new(500, 8)];

    /// <summary>Trees and depth.</summary>
    public string Name { get; }

    /// <summary>The model with the logistic function at its end.</summary>
    public byte[] Onnx { get; }

    /// <summary>Elements of a row.</summary>
    public static int RowElements => Features;

    private int NodesPerTree => (1 << (_depth + 1)) - 1;

    /// <summary>Rows of the distribution that the cuts are of; one value in fifty is missing.</summary>
    public static float[] Rows(int count)
    {
        var random = new Random(28);
        var rows = new float[count * Features];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = random.Next(50) == 0 ? float.NaN : Normal(random);
        }

        return rows;
    }

    /// <summary>The trees as the kernels take them.</summary>
    public PackedTrees Packed()
    {
        var nodes = new PackedNode[_nodes.Length];
        for (var i = 0; i < nodes.Length; i++)
        {
            var place = i % NodesPerTree;
            nodes[i] = _nodes[i].IsLeaf
                ? new PackedNode { Threshold = float.PositiveInfinity, Feature = PackedNode.MissingGoesTrue, Child = i, Value = _nodes[i].Value }
                : new PackedNode { Threshold = MathF.BitDecrement(_nodes[i].Value), Feature = _nodes[i].Feature | (_nodes[i].MissingGoesTrue ? PackedNode.MissingGoesTrue : 0), Child = i + place + 1 };
        }

        return new PackedTrees(nodes, [.. Enumerable.Range(0, _trees).Select(t => t * NodesPerTree)], Features);
    }

    /// <summary>The trees in XGBoost's JSON, objective <c>binary:logistic</c>.</summary>
    public void WriteXgboost(string path)
    {
        using var stream = File.Create(path);
        JsonSerializer.Serialize(stream, new
        {
            version = (int[])[1, 7, 4],
            learner = new
            {
                attributes = new { },
                feature_names = Array.Empty<string>(),
                feature_types = Array.Empty<string>(),
                gradient_booster = new
                {
                    name = "gbtree",
                    model = new
                    {
                        gbtree_model_param = new { num_parallel_tree = "1", num_trees = $"{_trees}", size_leaf_vector = "0" },
                        tree_info = new int[_trees],
                        trees = Enumerable.Range(0, _trees).Select(XgboostTree),
                    },
                },
                learner_model_param = new { base_score = "5E-1", boost_from_average = "1", num_class = "0", num_feature = $"{Features}", num_target = "1" },
                objective = new { name = "binary:logistic", reg_loss_param = new { scale_pos_weight = "1" } },
            },
        }, Json);
    }

    private object XgboostTree(int tree)
    {
        var nodes = _nodes.AsSpan(tree * NodesPerTree, NodesPerTree).ToArray();
        var places = Enumerable.Range(0, NodesPerTree).ToArray();
        return new
        {
            id = tree,
            base_weights = nodes.Select(n => n.IsLeaf ? n.Value : 0f),
            categories = Array.Empty<int>(),
            categories_nodes = Array.Empty<int>(),
            categories_segments = Array.Empty<int>(),
            categories_sizes = Array.Empty<int>(),
            default_left = nodes.Select(n => n.MissingGoesTrue ? 1 : 0),
            left_children = places.Select(i => nodes[i].IsLeaf ? -1 : (2 * i) + 1),
            right_children = places.Select(i => nodes[i].IsLeaf ? -1 : (2 * i) + 2),
            loss_changes = new float[NodesPerTree],
            parents = places.Select(i => i == 0 ? int.MaxValue : (i - 1) / 2),
            split_conditions = nodes.Select(n => n.Value),
            split_indices = nodes.Select(n => Math.Max(0, n.Feature)),
            split_type = new int[NodesPerTree],
            sum_hessian = new float[NodesPerTree],
            tree_param = new { num_deleted = "0", num_feature = $"{Features}", num_nodes = $"{NodesPerTree}", size_leaf_vector = "0" },
        };
    }

    private TreeEnsemble Ensemble()
    {
        var builder = new TreeEnsembleBuilder(Features);
        for (var i = 0; i < _nodes.Length; i++)
        {
            var place = i % NodesPerTree;
            if (place == 0)
            {
                builder.BeginTree();
            }

            _ = _nodes[i].IsLeaf
                ? builder.Leaf(_nodes[i].Value)
                : builder.Branch(NodeMode.Less, _nodes[i].Feature, _nodes[i].Value, (2 * place) + 1, (2 * place) + 2, _nodes[i].MissingGoesTrue);
        }

        return builder.Build(postTransform: PostTransform.Logistic);
    }

    // Box and Muller's.
    private static float Normal(Random random) => MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle())) * MathF.Cos(2 * MathF.PI * random.NextSingle());

    private static readonly JsonSerializerOptions Json = new() { Converters = { new FloatConverter() } };

    // XGBoost takes a number without a point for an integer, and refuses it where a float belongs.
    private sealed class FloatConverter : JsonConverter<float>
    {
        public override float Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetSingle();

        public override void Write(Utf8JsonWriter writer, float value, JsonSerializerOptions options) => writer.WriteRawValue(value.ToString("E8", CultureInfo.InvariantCulture));
    }

    private readonly record struct Node(int Feature, float Value, bool MissingGoesTrue)
    {
        public bool IsLeaf => Feature < 0;
    }
}
