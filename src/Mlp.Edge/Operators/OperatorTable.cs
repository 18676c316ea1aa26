using Mlp.Core;

namespace Mlp.Edge;

/// <summary>Which operators there are, by domain and name.</summary>
internal static class OperatorTable
{
    private static readonly Dictionary<(string Domain, string Name), Func<OnnxNode, EdgeGraphBuilder, IEdgeOperator?>> Operators = new()
    {
        [("", "Abs")] = Functions.Abs,
        [("", "Add")] = Arithmetic.Add,
        [("", "And")] = Comparison.And,
        [("", "ArgMax")] = Reductions.ArgMax,
        [("", "ArgMin")] = Reductions.ArgMin,
        [("", "Cast")] = Cast.Prepare,
        [("", "Clip")] = Clip.Prepare,
        [("", "Concat")] = ConcatOperator.Prepare,
        [("", "Constant")] = Shapes.Constant,
        [("", "Div")] = Arithmetic.Divide,
        [("", "Equal")] = Comparison.Equal,
        [("", "Exp")] = Functions.Exp,
        [("", "Flatten")] = Shapes.Flatten,
        [("", "Gather")] = Columns.Gather,
        [("", "Gemm")] = DenseLayer.PrepareGemm,
        [("", "Greater")] = Comparison.Greater,
        [("", "GreaterOrEqual")] = Comparison.GreaterOrEqual,
        [("", "Identity")] = Shapes.Identity,
        [("", "IsNaN")] = Functions.IsNaN,
        [("", "Less")] = Comparison.Less,
        [("", "LessOrEqual")] = Comparison.LessOrEqual,
        [("", "Log")] = Functions.Log,
        [("", "MatMul")] = DenseLayer.PrepareMatMul,
        [("", "Max")] = Arithmetic.Max,
        [("", "Min")] = Arithmetic.Min,
        [("", "Mul")] = Arithmetic.Multiply,
        [("", "Neg")] = Functions.Negate,
        [("", "Not")] = Functions.Not,
        [("", "Or")] = Comparison.Or,
        [("", "Pow")] = Arithmetic.Power,
        [("", "Reciprocal")] = Functions.Reciprocal,
        [("", "ReduceMax")] = Reductions.Max,
        [("", "ReduceMean")] = Reductions.Mean,
        [("", "ReduceMin")] = Reductions.Min,
        [("", "ReduceSum")] = Reductions.Sum,
        [("", "Relu")] = Functions.Relu,
        [("", "Reshape")] = Shapes.Reshape,
        [("", "Sigmoid")] = Functions.Sigmoid,
        [("", "Slice")] = Columns.Slice,
        [("", "Softmax")] = Functions.Softmax,
        [("", "Softplus")] = Functions.Softplus,
        [("", "Sqrt")] = Functions.Sqrt,
        [("", "Squeeze")] = Shapes.Squeeze,
        [("", "Sub")] = Arithmetic.Subtract,
        [("", "Tanh")] = Functions.Tanh,
        [("", "Unsqueeze")] = Shapes.Unsqueeze,
        [("", "Where")] = Where.Prepare,
        [("", "Xor")] = Comparison.Xor,
        [("ai.onnx.ml", "ArrayFeatureExtractor")] = Columns.ArrayFeatureExtractor,
        [("ai.onnx.ml", "Binarizer")] = BinarizerOperator.Prepare,
        [("ai.onnx.ml", "CategoryMapper")] = LabelEncoder.PrepareMapper,
        [("ai.onnx.ml", "FeatureVectorizer")] = ConcatOperator.PrepareVectorizer,
        [("ai.onnx.ml", "Imputer")] = Imputer.Prepare,
        [("ai.onnx.ml", "LabelEncoder")] = LabelEncoder.Prepare,
        [("ai.onnx.ml", "LinearClassifier")] = LinearClassifier.Prepare,
        [("ai.onnx.ml", "LinearRegressor")] = DenseLayer.PrepareLinearRegressor,
        [("ai.onnx.ml", "Normalizer")] = NormalizerOperator.Prepare,
        [("ai.onnx.ml", "OneHotEncoder")] = OneHotOperator.Prepare,
        [("ai.onnx.ml", "Scaler")] = Scaler.Prepare,
        [("ai.onnx.ml", "SVMClassifier")] = SupportClassifier.Prepare,
        [("ai.onnx.ml", "SVMRegressor")] = SupportRegressor.Prepare,
        [("ai.onnx.ml", "TreeEnsemble")] = TreeRegressor.Prepare,
        [("ai.onnx.ml", "TreeEnsembleClassifier")] = TreeClassifier.Prepare,
        [("ai.onnx.ml", "TreeEnsembleRegressor")] = TreeRegressor.Prepare,

        // Signatures describe a class map as its tensor of scores.
        [("ai.onnx.ml", "ZipMap")] = Shapes.Identity,
    };

    /// <summary>Prepares an operator; null for one that needs no work while it runs, as a constant.</summary>
    public static IEdgeOperator? Prepare(OnnxNode node, EdgeGraphBuilder builder)
    {
        if (Operators.TryGetValue((node.Domain, node.OpType), out var prepare))
        {
            return prepare(node, builder);
        }

        var version = builder.Version(node) is > 0 and var v ? $"version {v}" : "a version that the model does not state";
        throw new MlpException(ErrorCodes.ModelInvalid, $"The operator {node} of the domain '{(node.Domain.Length == 0 ? "ai.onnx" : node.Domain)}', {version}, is not supported by Mlp.Edge; ONNX Runtime may run this model.");
    }
}
