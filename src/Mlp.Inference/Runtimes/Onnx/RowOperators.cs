using Mlp.Core;

namespace Mlp.Inference;

/// <summary>Models whose rows cannot meet: trees and linear models, whose operators look at one row at a time.</summary>
internal static class RowOperators
{
    private static readonly HashSet<string> Classical = new(StringComparer.Ordinal)
    {
        "TreeEnsemble", "TreeEnsembleClassifier", "TreeEnsembleRegressor", "LinearClassifier", "LinearRegressor", "SVMClassifier", "SVMRegressor", "ZipMap",
    };

    /// <summary>Whether a model is made of them alone, and reads rows of features.</summary>
    public static bool MakeUp(ModelFile file)
    {
        // The operators take a single dimension for the features of one row.
        foreach (var input in file.Layout.Inputs)
        {
            if (input.Rank < 2)
            {
                return false;
            }
        }

        foreach (var node in file.Model.Graph.Nodes)
        {
            if (!(node.Domain == "ai.onnx.ml" ? Classical.Contains(node.OpType) : node.Domain.Length == 0 && node.OpType is "Identity" or "Cast"))
            {
                return false;
            }
        }

        return true;
    }
}
