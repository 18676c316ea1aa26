namespace Mlp.Core;

/// <summary>Reads one tree of an XGBoost file: its nodes lie in columns, the elements of node n being the n-th.</summary>
internal static class XgboostTreeReader
{
    /// <summary>Reads the tree whose object was just begun.</summary>
    public static XgboostTree Read<T>(ref T tokens, int index)
        where T : struct, IModelTokens, allows ref struct
    {
        var tree = new XgboostTree(index);
        while (tokens.Name())
        {
            if (tokens.Is("tree_param"u8))
            {
                Parameters(ref tokens, tree);
            }
            else if (!Columns(ref tokens, tree) && !Categories(ref tokens, tree))
            {
                tokens.SkipNext();
            }
        }

        tree.CheckColumns();
        return tree;
    }

    private static bool Columns<T>(ref T tokens, XgboostTree tree)
        where T : struct, IModelTokens, allows ref struct
    {
        if (tokens.Is("left_children"u8))
        {
            tree.Left = tokens.NextIntegers("left_children");
        }
        else if (tokens.Is("right_children"u8))
        {
            tree.Right = tokens.NextIntegers("right_children");
        }
        else if (tokens.Is("split_indices"u8))
        {
            tree.Features = tokens.NextIntegers("split_indices");
        }
        else if (tokens.Is("split_conditions"u8))
        {
            tree.Conditions = tokens.NextFloats("split_conditions");
        }
        else if (tokens.Is("default_left"u8))
        {
            tree.DefaultLeft = tokens.NextIntegers("default_left");
        }
        else if (tokens.Is("split_type"u8))
        {
            tree.SplitTypes = tokens.NextIntegers("split_type");
        }
        else if (tokens.Is("base_weights"u8))
        {
            tree.BaseWeights = tokens.NextFloats("base_weights");
        }
        else if (tokens.Is("leaf_weights"u8))
        {
            tree.LeafWeights = tokens.NextFloats("leaf_weights");
        }
        else
        {
            return false;
        }

        return true;
    }

    private static bool Categories<T>(ref T tokens, XgboostTree tree)
        where T : struct, IModelTokens, allows ref struct
    {
        if (tokens.Is("categories"u8))
        {
            tree.Categories = tokens.NextIntegers("categories");
        }
        else if (tokens.Is("categories_nodes"u8))
        {
            tree.CategoryNodes = tokens.NextIntegers("categories_nodes");
        }
        else if (tokens.Is("categories_segments"u8))
        {
            tree.CategorySegments = tokens.NextIntegers("categories_segments");
        }
        else if (tokens.Is("categories_sizes"u8))
        {
            tree.CategorySizes = tokens.NextIntegers("categories_sizes");
        }
        else
        {
            return false;
        }

        return true;
    }

    private static void Parameters<T>(ref T tokens, XgboostTree tree)
        where T : struct, IModelTokens, allows ref struct
    {
        tokens.Object("tree_param");
        while (tokens.Name())
        {
            if (tokens.Is("num_nodes"u8))
            {
                tree.NodeCount = tokens.NextCount("num_nodes");
            }
            else if (tokens.Is("num_deleted"u8))
            {
                tree.DeletedCount = tokens.NextCount("num_deleted");
            }
            else if (tokens.Is("size_leaf_vector"u8))
            {
                tree.LeafSize = Math.Max(1, tokens.NextCount("size_leaf_vector"));
            }
            else
            {
                tokens.SkipNext();
            }
        }
    }
}
