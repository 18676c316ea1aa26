using Mlp.Core;

namespace Mlp.Edge;

/// <summary><c>ai.onnx.ml.OneHotEncoder</c>: for each element a column a category, 1 in its own. Floats lose their fraction first, as the specification has it.</summary>
internal sealed class OneHotOperator(string node, KeyIndex keys, int categories, bool zeros, EdgeValue input, EdgeValue output) : IEdgeOperator
{
    public static IEdgeOperator Prepare(OnnxNode node, EdgeGraphBuilder builder)
    {
        var input = builder.Input(node, 0);
        var (texts, numbers) = (node.Texts("cats_strings"), node.Ints("cats_int64s"));
        if ((texts.Length == 0) == (numbers.Length == 0))
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: {texts.Length} cats_strings and {numbers.Length} cats_int64s; expected one of the two.");
        }

        if (input.Type == ElementType.Bool || (input.Type == ElementType.String) != (texts.Length > 0))
        {
            throw builder.Unsupported(node, $"the input {input} with {(texts.Length > 0 ? "cats_strings" : "cats_int64s")}", "string with cats_strings, or int64, int32, float32 or float64 with cats_int64s");
        }

        var keys = texts.Length > 0 ? KeyIndex.Of(input, texts, lastWins: true) : KeyIndex.Of(input, numbers, lastWins: true);
        var categories = Math.Max(texts.Length, numbers.Length);
        return new OneHotOperator(node.ToString(), keys, categories, node.Int("zeros", 1) != 0, input, builder.Output(node, 0, ElementType.Float32, [.. input.Row, categories]));
    }

    public void Run(in EdgeFrame frame)
    {
        var result = frame.Floats(output);
        result.Clear();
        for (int i = 0, start = 0; start < result.Length; i++, start += categories)
        {
            var category = keys.Find(frame, i);
            if (category >= 0)
            {
                result[start + category] = 1;
            }
            else if (!zeros)
            {
                throw new MlpException(ErrorCodes.TensorMismatch, $"{node}: row {i / input.Width} has {keys.Text(frame, i)}, which is none of its {categories} categories, and zeros = 0 allows no other.");
            }
        }
    }
}
