using Mlp.Core;

namespace Mlp.Edge;

/// <summary>An attribute of <c>ai.onnx.ml</c> that has a number for each column, or one for all.</summary>
internal static class ColumnConstants
{
    public static T[] Of<T>(OnnxNode node, EdgeGraphBuilder builder, EdgeValue input, string attribute, T[] values)
    {
        if (values.Length == input.Width && input.IsMatrix && input.Row.Length == 1)
        {
            return values;
        }

        if (values.Length != 1)
        {
            throw builder.Unsupported(node, $"the attribute '{attribute}' of {values.Length} constants for {input}", $"1, or {input.Width} for rows of [batch, {input.Width}]");
        }

        var spread = new T[input.Width];
        Array.Fill(spread, values[0]);
        return spread;
    }
}
