using System.Text;

namespace Mlp.Core.Tests.Trainers;

public class BadLightGbmTests
{
    [Theory]
    [InlineData("left_child=1 -1 -2", "left_child=3 -1 -2", "Tree 0, node 0 has the child 3 of 3 inner nodes.")]
    [InlineData("left_child=1 -1 -2", "left_child=1 -5 -2", "Tree 0, node 1 has the leaf 4 of 4.")]
    [InlineData("left_child=1 -1 -2", "left_child=1 -2147483648 -2", "Tree 0, node 1 has the leaf 2147483647 of 4.")]
    [InlineData("left_child=1 -1 -2", "left_child=1 0 -2", "Tree 0, node 1 has child 0, which has another parent or is its own ancestor.")]
    [InlineData("left_child=1 -1 -2", "left_child=2 -1 -2", "Tree 0, node 0 has child 2, which has another parent or is its own ancestor.")]
    [InlineData("left_child=1 -1 -2", "left_child=1 -1 -1", "Tree 0, node 1 has child 3, which has another parent or is its own ancestor.")]
    [InlineData("left_child=1 -1 -2", "left_child=1 -1", "Tree 0 has 2 numbers for 'left_child'; expected 3, one a node.")]
    [InlineData("left_child=1 -1 -2", "left_child=1 -1 -2 5", "Tree 0 has 4 numbers for 'left_child'; expected 3, one a node.")]
    [InlineData("left_child=1 -1 -2\n", "", "Tree 0 has no 'left_child'.")]
    [InlineData("left_child=1 -1 -2\n", "left_child=1 -1 -2\nleft_child=1 -1 -2\n", "'left_child' a second time in tree 0")]
    [InlineData("left_child=1 -1 -2", "left_child=1 -1 -2.5", "Tree 0, node 2 has '-2.5' for 'left_child'; expected an integer.")]
    [InlineData("split_feature=0 2 2", "split_feature=0 4 2", "Tree 0, node 1 has feature 4 of 4.")]
    [InlineData("split_feature=0 2 2", "split_feature=0 2 -1", "Tree 0, node 2 has feature -1 of 4.")]
    [InlineData("threshold=0.10000000000000001", "threshold=nan", "Tree 0, node 0 has a threshold that is NaN.")]
    [InlineData("threshold=0.10000000000000001", "threshold=0.1x", "Tree 0, node 0 has '0.1x' for 'threshold'; expected a number.")]
    [InlineData("threshold=0.10000000000000001 0 1", "threshold=0.1 0 2", "Tree 0, node 2 has the set 2 of 2.")]
    [InlineData("threshold=0.10000000000000001 0 1", "threshold=0.1 0.5 1", "Tree 0, node 1 has the set 0.5 of 2.")]
    [InlineData("threshold=0.10000000000000001 0 1", "threshold=0.1 -1 1", "Tree 0, node 1 has the set -1 of 2.")]
    [InlineData("threshold=0.10000000000000001 0 1", "threshold=0.1 nan 1", "Tree 0, node 1 has the set NaN of 2.")]
    [InlineData("threshold=0.10000000000000001 0 1", "threshold=0.1 1 1", "Tree 0, node 2 has the set 1, which another node has.")]
    [InlineData("decision_type=10 1 9", "decision_type=12 1 9", "Tree 0, node 0 has the decision type 12; expected 0 to 11.")]
    [InlineData("decision_type=10 1 9", "decision_type=-1 1 9", "Tree 0, node 0 has the decision type -1; expected 0 to 11.")]
    [InlineData("num_leaves=4", "num_leaves=5", "Tree 0 has 3 numbers for 'split_feature'; expected 4, one a node.")]
    [InlineData("num_leaves=4", "num_leaves=2147483647", "Tree 0 has 3 numbers for 'split_feature'; expected 2147483646, one a node.")]
    [InlineData("num_leaves=4", "num_leaves=0", "Tree 0 has '0' for 'num_leaves'; expected a number of at least 1.")]
    [InlineData("num_leaves=4", "num_leaves=1", "Tree 0 has 4 numbers for 'leaf_value'; expected 1, one a leaf.")]
    [InlineData("num_leaves=4\n", "", "Tree 0 has no 'num_leaves'.")]
    [InlineData("leaf_value=0.5", "leaf_value=nan", "Tree 0, node 3 has a weight that is NaN.")]
    [InlineData("leaf_value=0.5", "leaf_value=", "Tree 0 has 3 numbers for 'leaf_value'; expected 4, one a leaf.")]
    [InlineData("num_cat=2", "num_cat=2147483647", "Tree 0 has 3 numbers for 'cat_boundaries'; expected 2147483648, one a set and one more.")]
    [InlineData("num_cat=2", "num_cat=0", "Tree 0, node 1 has the set 0 of 0.")]
    [InlineData("cat_boundaries=0 2 3", "cat_boundaries=0 4 3", "Tree 0, set 0 has words 0 to 4 of 3.")]
    [InlineData("cat_boundaries=0 2 3", "cat_boundaries=0 2 1", "Tree 0, set 1 has words 2 to 1 of 3.")]
    [InlineData("cat_boundaries=0 2 3", "cat_boundaries=-1 2 3", "Tree 0, set 0 has words -1 to 2 of 3.")]
    [InlineData("cat_boundaries=0 2 3", "cat_boundaries=0 2 2147483647", "Tree 0, set 1 has words 2 to 2147483647 of 3.")]
    [InlineData("cat_threshold=5 256 2147483648", "cat_threshold=5 256 4294967296", "Tree 0 has '4294967296' for 'cat_threshold'; expected words of 32 bits.")]
    [InlineData("cat_threshold=5 256 2147483648\n", "", "Tree 0 has no 'cat_threshold'.")]
    [InlineData("num_features=2 0 1", "num_features=2 0 2", "Tree 2 has 3 numbers for 'leaf_features'; expected 4, one a term.")]
    [InlineData("num_features=2 0 1", "num_features=2 -1 2", "Tree 2, leaf 1 has -1 for 'num_features'.")]
    [InlineData("num_features=2 0 1", "num_features=2147483647 2147483647 2147483647", "Tree 2 has 3 numbers for 'leaf_features'; expected 6442450941, one a term.")]
    [InlineData("leaf_features=0 3", "leaf_features=0 4", "Tree 2, node 2 has a coefficient -2 for feature 4 of 4.")]
    [InlineData("leaf_const=0.5", "leaf_const=nan", "Tree 2, node 2 has a linear model whose constant is NaN.")]
    [InlineData("leaf_coeff=1.5 -2", "leaf_coeff=1.5 nan", "Tree 2, node 2 has a coefficient NaN for feature 3 of 4.")]
    [InlineData("Tree=1", "Tree=2", "line 34 has 'Tree=2'; expected 'Tree=1'.")]
    [InlineData("tree\n", "forest\n", "line 1 has 'forest'; expected 'tree'")]
    [InlineData("version=v4", "version=v2", "line 2 has the version 'v2'; expected v3 or v4.")]
    [InlineData("version=v4\n", "", "has no 'version' before it.")]
    [InlineData("binary sigmoid:0.5", "poisson_regression_of_the_future_with_a_very_long_name", "line 7 has the objective 'poisson_regression_of_the_future_with_a_...', which is none that is known.")]
    [InlineData("binary sigmoid:0.5", "binary sigmoid:-1", "line 7 has the parameter sigmoid '-1'; expected a positive number.")]
    [InlineData("binary sigmoid:0.5", "binary", "line 7 has the parameter sigmoid ''; expected a positive number.")]
    [InlineData("binary sigmoid:0.5", "multiclass num_class:1000000", "1 trees an iteration before it; the objective 'multiclass num_class:1000000' has 1000000.")]
    [InlineData("num_tree_per_iteration=1", "num_tree_per_iteration=2", "2 trees an iteration before it; the objective 'binary sigmoid:0.5' has 1.")]
    [InlineData("num_class=1", "num_class=0", "line 3 has 'num_class=0'; expected a number from 1 to")]
    [InlineData("max_feature_idx=3", "max_feature_idx=2147483646", "4 feature names before it; expected 2147483647, one more than max_feature_idx.")]
    [InlineData("max_feature_idx=3", "max_feature_idx=2147483647", "expected a number from 0 to 2147483646.")]
    [InlineData("feature_infos=[-1.5:2] none", "feature_infos=none", "3 feature_infos before it; expected 4, one more than max_feature_idx.")]
    [InlineData("tree_sizes=500 100 400", "tree_sizes=500 100", "has 3 trees; expected whole iterations of 1, 2 by its tree_sizes.")]
    [InlineData("null, true]]", "null, true]", "has damaged JSON for 'pandas_categorical'.")]
    [InlineData("[\"red\", \"é\"]", "{\"red\": 1}", "has something else than lists of values for 'pandas_categorical'.")]
    [InlineData("[\"red\", \"é\"]", "[\"\\ud800\"]", "has damaged JSON for 'pandas_categorical'.")]
    [InlineData("[\"red\", \"é\"]", "[[[[[[\"red\"]]]]]]", "pandas_categorical'.")]
    public void A_bad_model_is_refused_with_the_tree_and_the_node_or_the_line(string piece, string other, string message)
    {
        var error = Assert.Throws<MlpException>(() => LightGbmSample.ReadWith(piece, other));
        Assert.Equal(ErrorCodes.ModelInvalid, error.Code);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Trees_that_are_no_whole_iterations_are_refused()
    {
        var text = LightGbmSample.Text.Replace("binary sigmoid:0.5", "multiclass num_class:2", StringComparison.Ordinal).Replace("per_iteration=1", "per_iteration=2", StringComparison.Ordinal);
        var error = Assert.Throws<MlpException>(() => LightGbmSample.Read(text));
        Assert.Contains("3 trees; expected whole iterations of 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_that_was_cut_anywhere_before_its_trees_end_is_refused()
    {
        var text = Encoding.UTF8.GetBytes(LightGbmSample.Text);
        var end = text.AsSpan().IndexOf("end of trees"u8) + "end of trees".Length;
        for (var length = 0; length < end; length++)
        {
            var error = Assert.Throws<MlpException>(() => LightGbmModel.Read(text.AsSpan(0, length)));
            Assert.Equal(ErrorCodes.ModelInvalid, error.Code);
        }

        Assert.Equal(3, LightGbmModel.Read(text.AsSpan(0, end)).IterationCount);
    }

    [Fact]
    public void A_model_without_trees_is_refused()
    {
        var start = LightGbmSample.Text.IndexOf("tree_sizes", StringComparison.Ordinal);
        var error = Assert.Throws<MlpException>(() => LightGbmSample.Read(LightGbmSample.Text[..start] + "\nend of trees\n"));
        Assert.Contains("0 trees", error.Message, StringComparison.Ordinal);
    }

    // No exception but MlpException, and no memory but what the text accounts for.
    [Fact]
    public void Whatever_happens_to_a_text_it_is_read_or_refused_within_bounded_memory()
    {
        var text = Encoding.UTF8.GetBytes(LightGbmSample.Text);
        LightGbmModel.Read(text);
        int read = 0, refused = 0;
        for (var seed = 0; seed < 20_000; seed++)
        {
            var mutated = Mutate(text, new Random(seed));
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                LightGbmModel.Read(mutated);
                read++;
            }
            catch (MlpException e)
            {
                Assert.Equal(ErrorCodes.ModelInvalid, e.Code);
                refused++;
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < 1 << 20, $"seed {seed}: {allocated} bytes for a text of {mutated.Length}");
        }

        Assert.True(read > 1000 && refused > 1000, $"{read} read, {refused} refused");
    }

    private static byte[] Mutate(byte[] text, Random random)
    {
        string[] words = ["-1", "0", "2147483647", "-2147483648", "4294967295", "1e999", "nan", "-inf", "", " ", "=", "\n", "9999999999999999999", "Tree=", "end of trees", "\0", "0.5", "3"];
        var bytes = new List<byte>(text);
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 40), bytes.Count - at - 1));
                    break;
                case 2:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(words[random.Next(words.Length)]));
                    break;
                case 3: // a number becomes another
                    var start = bytes.FindIndex(at, b => b is (byte)'=' or (byte)' ') + 1;
                    var end = bytes.FindIndex(start, b => b is (byte)'\n' or (byte)' ');
                    if (start > 0 && end >= start)
                    {
                        bytes.RemoveRange(start, end - start);
                        bytes.InsertRange(start, Encoding.UTF8.GetBytes(words[random.Next(words.Length)]));
                    }

                    break;
                default: // a piece twice
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 80), bytes.Count - at)));
                    break;
            }
        }

        return [.. bytes];
    }
}
