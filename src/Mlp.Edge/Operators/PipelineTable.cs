using Mlp.Core;

namespace Mlp.Edge;

/// <summary>The operators of scikit-learn's pipelines, by domain and name.</summary>
internal static class PipelineTable
{
    public static readonly Dictionary<(string Domain, string Name), Func<OnnxNode, EdgeGraphBuilder, IEdgeOperator?>> Operators = new()
    {
        [("", "Abs")] = Functions.Abs,
        [("", "And")] = Comparison.And,
        [("", "ArgMin")] = Reductions.ArgMin,
        [("", "Clip")] = Clip.Prepare,
        [("", "Constant")] = Shapes.Constant,
        [("", "Equal")] = Comparison.Equal,
        [("", "Flatten")] = Shapes.Flatten,
        [("", "Gather")] = Columns.Gather,
        [("", "Greater")] = Comparison.Greater,
        [("", "GreaterOrEqual")] = Comparison.GreaterOrEqual,
        [("", "IsNaN")] = Functions.IsNaN,
        [("", "Less")] = Comparison.Less,
        [("", "LessOrEqual")] = Comparison.LessOrEqual,
        [("", "Log")] = Functions.Log,
        [("", "Max")] = Arithmetic.Max,
        [("", "Min")] = Arithmetic.Min,
        [("", "Not")] = Functions.Not,
        [("", "Or")] = Comparison.Or,
        [("", "Pow")] = Arithmetic.Power,
        [("", "Reciprocal")] = Functions.Reciprocal,
        [("", "ReduceMax")] = Reductions.Max,
        [("", "ReduceMean")] = Reductions.Mean,
        [("", "ReduceMin")] = Reductions.Min,
        [("", "ReduceSum")] = Reductions.Sum,
        [("", "Reshape")] = Shapes.Reshape,
        [("", "Slice")] = Columns.Slice,
        [("", "Sqrt")] = Functions.Sqrt,
        [("", "Squeeze")] = Shapes.Squeeze,
        [("", "Unsqueeze")] = Shapes.Unsqueeze,
        [("", "Where")] = Where.Prepare,
        [("", "Xor")] = Comparison.Xor,
        [("ai.onnx.ml", "ArrayFeatureExtractor")] = Columns.ArrayFeatureExtractor,
        [("ai.onnx.ml", "Binarizer")] = BinarizerOperator.Prepare,
        [("ai.onnx.ml", "CategoryMapper")] = LabelEncoder.PrepareMapper,
        [("ai.onnx.ml", "FeatureVectorizer")] = ConcatOperator.PrepareVectorizer,
        [("ai.onnx.ml", "LabelEncoder")] = LabelEncoder.Prepare,
        [("ai.onnx.ml", "Normalizer")] = NormalizerOperator.Prepare,
        [("ai.onnx.ml", "OneHotEncoder")] = OneHotOperator.Prepare,
        [("ai.onnx.ml", "SVMClassifier")] = SupportClassifier.Prepare,
        [("ai.onnx.ml", "SVMRegressor")] = SupportRegressor.Prepare,
    };
}
