using Mlp.Core;

namespace Mlp.Edge;

/// <summary><c>ai.onnx.ml.LabelEncoder</c> and <c>CategoryMapper</c>: for each element the value that stands beside its key, or the default.</summary>
internal sealed class LabelOperator<T>(KeyIndex keys, T[] values, T other, EdgeValue output) : IEdgeOperator
    where T : unmanaged
{
    public void Run(in EdgeFrame frame)
    {
        var result = frame.Of<T>(output);
        for (var i = 0; i < result.Length; i++)
        {
            var at = keys.Find(frame, i);
            result[i] = at < 0 ? other : values[at];
        }
    }
}

/// <summary>The same for values that are texts.</summary>
internal sealed class TextLabelOperator(KeyIndex keys, string[] values, string other, EdgeValue output) : IEdgeOperator
{
    public void Run(in EdgeFrame frame)
    {
        var result = frame.Texts(output);
        for (var i = 0; i < result.Length; i++)
        {
            var at = keys.Find(frame, i);
            result[i] = at < 0 ? other : values[at];
        }
    }
}
