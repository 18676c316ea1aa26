using System.Numerics.Tensors;
using Mlp.Core;

namespace Mlp.Edge;

/// <summary>Which operators there are, by domain and name.</summary>
internal static class OperatorTable
{
    private static readonly Dictionary<(string Domain, string Name), Func<OnnxNode, EdgeGraphBuilder, IEdgeOperator>> Operators = new()
    {
        [("", "Add")] = RowConstantOperator.Of(static (row, constant, output) => TensorPrimitives.Add(row, constant, output), commutes: true),
        [("", "Sub")] = RowConstantOperator.Of(static (row, constant, output) => TensorPrimitives.Subtract(row, constant, output), commutes: false),
        [("", "Mul")] = RowConstantOperator.Of(static (row, constant, output) => TensorPrimitives.Multiply(row, constant, output), commutes: true),
        [("", "Div")] = RowConstantOperator.Of(static (row, constant, output) => TensorPrimitives.Divide(row, constant, output), commutes: false),
        [("", "ArgMax")] = ScoreOperators.PrepareArgMax,
        [("", "Cast")] = ScoreOperators.PrepareCast,
        [("", "Concat")] = ScoreOperators.PrepareConcat,
        [("", "Exp")] = UnaryOperator.Of(ScoreOperators.Exp),
        [("", "Gemm")] = DenseLayer.PrepareGemm,
        [("", "Identity")] = UnaryOperator.Of(UnaryOperator.Identity),
        [("", "MatMul")] = DenseLayer.PrepareMatMul,
        [("", "Neg")] = UnaryOperator.Of(ScoreOperators.Negate),
        [("", "Relu")] = UnaryOperator.Of(UnaryOperator.Relu),
        [("", "Sigmoid")] = UnaryOperator.Of(UnaryOperator.Sigmoid),
        [("", "Softmax")] = UnaryOperator.PrepareSoftmax,
        [("", "Softplus")] = UnaryOperator.Of(ScoreOperators.Softplus),
        [("", "Tanh")] = UnaryOperator.Of(UnaryOperator.Tanh),
        [("ai.onnx.ml", "Imputer")] = RowConstantOperator.PrepareImputer,
        [("ai.onnx.ml", "LinearClassifier")] = LinearClassifier.Prepare,
        [("ai.onnx.ml", "LinearRegressor")] = DenseLayer.PrepareLinearRegressor,
        [("ai.onnx.ml", "Scaler")] = RowConstantOperator.PrepareScaler,
        [("ai.onnx.ml", "TreeEnsemble")] = TreeRegressor.Prepare,
        [("ai.onnx.ml", "TreeEnsembleClassifier")] = TreeClassifier.Prepare,
        [("ai.onnx.ml", "TreeEnsembleRegressor")] = TreeRegressor.Prepare,

        // Signatures describe a class map as its tensor of scores.
        [("ai.onnx.ml", "ZipMap")] = UnaryOperator.Of(UnaryOperator.Identity),
    };

    public static IEdgeOperator Prepare(OnnxNode node, OnnxModel model, EdgeGraphBuilder builder)
    {
        if (Operators.TryGetValue((node.Domain, node.OpType), out var prepare))
        {
            return prepare(node, builder);
        }

        var version = model.Opsets.TryGetValue(node.Domain, out var v) ? $"version {v}" : "a version that the model does not state";
        throw new MlpException(ErrorCodes.ModelInvalid, $"The operator {node} of the domain '{(node.Domain.Length == 0 ? "ai.onnx" : node.Domain)}', {version}, is not supported by Mlp.Edge; ONNX Runtime may run this model.");
    }
}
