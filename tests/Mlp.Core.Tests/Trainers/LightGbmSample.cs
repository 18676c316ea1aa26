using System.Text;

namespace Mlp.Core.Tests.Trainers;

/// <summary>A model's text as LightGBM writes it: a tree with sets, a tree of one leaf, a tree with linear leaves.</summary>
internal static class LightGbmSample
{
    public const string Text = """
        tree
        version=v4
        num_class=1
        num_tree_per_iteration=1
        label_index=0
        max_feature_idx=3
        objective=binary sigmoid:0.5
        feature_names=speed f_é colour size
        feature_infos=[-1.5:2] none 0:1:2:40 [0:9]
        monotone_constraints=0 0 0 1
        tree_sizes=500 100 400

        Tree=0
        num_leaves=4
        num_cat=2
        split_feature=0 2 2
        split_gain=1 2 3
        threshold=0.10000000000000001 0 1
        decision_type=10 1 9
        left_child=1 -1 -2
        right_child=2 -3 -4
        leaf_value=0.5 -0.25 1.0000000000000002 -1e-300
        leaf_weight=1 1 1 1
        leaf_count=1 1 1 1
        internal_value=0 0 0
        internal_weight=1 1 1
        internal_count=1 1 1
        cat_boundaries=0 2 3
        cat_threshold=5 256 2147483648
        is_linear=0
        shrinkage=1


        Tree=1
        num_leaves=1
        num_cat=0
        split_feature=
        threshold=
        decision_type=
        left_child=
        right_child=
        leaf_value=0.125
        is_linear=0
        shrinkage=0.1


        Tree=2
        num_leaves=3
        num_cat=0
        split_feature=3 1
        threshold=-2.5 1e+300
        decision_type=4 0
        left_child=-1 -2
        right_child=1 -3
        leaf_value=1 2 3
        is_linear=1
        leaf_const=0.5 -1 7
        num_features=2 0 1
        leaf_features=0 3   1 
        leaf_coeff=1.5 -2   0.25 
        shrinkage=0.1


        end of trees

        feature_importances:
        speed=1

        parameters:
        [boosting: gbdt]
        end of parameters

        pandas_categorical:[["red", "é"], [1, 2.5, null, true]]

        """;

    public static LightGbmModel Read(string text = Text, LightGbmOptions? options = null) => LightGbmModel.Read(Encoding.UTF8.GetBytes(text), options);

    /// <summary>Reads the sample with one piece replaced, which must be there.</summary>
    public static LightGbmModel ReadWith(string piece, string other)
    {
        Assert.Contains(piece, Text, StringComparison.Ordinal);
        var start = Text.IndexOf(piece, StringComparison.Ordinal);
        return Read(string.Concat(Text.AsSpan(0, start), other, Text.AsSpan(start + piece.Length)));
    }
}
