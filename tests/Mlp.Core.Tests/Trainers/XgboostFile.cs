using System.Text;
using System.Text.Json.Nodes;

namespace Mlp.Core.Tests.Trainers;

/// <summary>A small XGBoost model as JSON that tests change: two trees, the second with a node of categories and two deleted nodes.</summary>
internal static class XgboostFile
{
    private const string Text = """
        {"learner":{"attributes":{"note":"kept","best_score":"0.5"},"feature_names":["a","b","c"],"feature_types":["float","int","c"],
        "gradient_booster":{"model":{"gbtree_model_param":{"num_parallel_tree":"1","num_trees":"2","size_leaf_vector":"0"},"tree_info":[0,0],"trees":[
        {"base_weights":[0,0,0,0,0],"categories":[],"categories_nodes":[],"categories_segments":[],"categories_sizes":[],"default_left":[1,0,0,0,0],"id":0,
        "left_children":[1,-1,3,-1,-1],"loss_changes":[1,0,1,0,0],"parents":[2147483647,0,0,2,2],"right_children":[2,-1,4,-1,-1],
        "split_conditions":[5E-1,1E0,-1E0,2E0,4E0],"split_indices":[0,0,1,0,0],"split_type":[0,0,0,0,0],"sum_hessian":[5,2,3,1,2],
        "tree_param":{"num_deleted":"0","num_feature":"3","num_nodes":"5","size_leaf_vector":"0"}},
        {"base_weights":[0,0,0,0,0],"categories":[0,65],"categories_nodes":[0],"categories_segments":[0],"categories_sizes":[2],"default_left":[0,1,1,0,0],"id":1,
        "left_children":[3,-1,-1,-1,-1],"loss_changes":[1,0,0,0,0],"parents":[2147483647,0,0,0,0],"right_children":[4,-1,-1,-1,-1],
        "split_conditions":[NaN,0,0,8E0,16E0],"split_indices":[2,2147483647,2147483647,0,0],"split_type":[1,0,0,0,0],"sum_hessian":[5,0,0,1,2],
        "tree_param":{"num_deleted":"2","num_feature":"3","num_nodes":"5","size_leaf_vector":"0"}}]},"name":"gbtree"},
        "learner_model_param":{"base_score":"5E-1","boost_from_average":"1","num_class":"0","num_feature":"3","num_target":"1"},
        "objective":{"name":"reg:squarederror","reg_loss_param":{"scale_pos_weight":"1"}}},"version":[1,7,4]}
        """;

    public static byte[] Json { get; } = Encoding.UTF8.GetBytes(Text);

    /// <summary>The file, with a change. JSON's own texts have no NaN, so the only one is 0 here.</summary>
    public static byte[] With(Action<JsonNode> change)
    {
        var root = JsonNode.Parse(Text.Replace("NaN", "0", StringComparison.Ordinal))!;
        change(root);
        return Encoding.UTF8.GetBytes(root.ToJsonString());
    }

    public static XgboostModel Read(Action<JsonNode> change) => XgboostModel.Read(With(change));

    public static JsonNode Learner(this JsonNode root) => root["learner"]!;

    public static JsonNode Booster(this JsonNode root) => root.Learner()["gradient_booster"]!;

    public static JsonNode Model(this JsonNode root) => root.Booster()["model"]!;

    public static JsonNode Tree(this JsonNode root, int tree) => root.Model()["trees"]![tree]!;

    public static JsonNode Parameters(this JsonNode root) => root.Learner()["learner_model_param"]!;
}
