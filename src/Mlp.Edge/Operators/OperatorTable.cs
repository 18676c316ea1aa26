using Mlp.Core;

namespace Mlp.Edge;

/// <summary>Which operators there are, by domain and name: those of trees, linear models and small nets here, those of pipelines beside it.</summary>
internal static class OperatorTable
{
    private static readonly Dictionary<(string Domain, string Name), Func<OnnxNode, EdgeGraphBuilder, IEdgeOperator?>> Operators = new()
    {
        [("", "Add")] = Arithmetic.Add,
        [("", "ArgMax")] = Reductions.ArgMax,
        [("", "Cast")] = Cast.Prepare,
        [("", "Concat")] = ConcatOperator.Prepare,
        [("", "Div")] = Arithmetic.Divide,
        [("", "Exp")] = Functions.Exp,
        [("", "Gemm")] = DenseLayer.PrepareGemm,
        [("", "Identity")] = Shapes.Identity,
        [("", "MatMul")] = DenseLayer.PrepareMatMul,
        [("", "Mul")] = Arithmetic.Multiply,
        [("", "Neg")] = Functions.Negate,
        [("", "Relu")] = Functions.Relu,
        [("", "Sigmoid")] = Functions.Sigmoid,
        [("", "Softmax")] = Functions.Softmax,
        [("", "Softplus")] = Functions.Softplus,
        [("", "Sub")] = Arithmetic.Subtract,
        [("", "Tanh")] = Functions.Tanh,
        [("ai.onnx.ml", "Imputer")] = Imputer.Prepare,
        [("ai.onnx.ml", "LinearClassifier")] = LinearClassifier.Prepare,
        [("ai.onnx.ml", "LinearRegressor")] = DenseLayer.PrepareLinearRegressor,
        [("ai.onnx.ml", "Scaler")] = Scaler.Prepare,
        [("ai.onnx.ml", "TreeEnsemble")] = TreeRegressor.Prepare,
        [("ai.onnx.ml", "TreeEnsembleClassifier")] = TreeClassifier.Prepare,
        [("ai.onnx.ml", "TreeEnsembleRegressor")] = TreeRegressor.Prepare,

        // Signatures describe a class map as its tensor of scores.
        [("ai.onnx.ml", "ZipMap")] = Shapes.Identity,
    };

    /// <summary>Prepares an operator; null for one that needs no work while it runs, as a constant.</summary>
    public static IEdgeOperator? Prepare(OnnxNode node, EdgeGraphBuilder builder)
    {
        if (Operators.TryGetValue((node.Domain, node.OpType), out var prepare) || (PipelineSwitch.IsOn && PipelineTable.Operators.TryGetValue((node.Domain, node.OpType), out prepare)))
        {
            return prepare(node, builder);
        }

        var version = builder.Version(node) is > 0 and var v ? $"version {v}" : "a version that the model does not state";
        var leftOut = PipelineSwitch.IsOn ? "" : $" This program leaves pipelines out: {PipelineSwitch.Name} is false.";
        throw new MlpException(ErrorCodes.ModelInvalid, $"The operator {node} of the domain '{(node.Domain.Length == 0 ? "ai.onnx" : node.Domain)}', {version}, is not supported by Mlp.Edge; ONNX Runtime may run this model.{leftOut}");
    }
}
