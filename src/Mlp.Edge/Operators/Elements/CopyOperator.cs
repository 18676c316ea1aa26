using Mlp.Core;

namespace Mlp.Edge;

/// <summary>The same elements as another value: <c>Identity</c>, <c>ZipMap</c> and rows of another shape, where they are the graph's own outputs.</summary>
internal sealed class CopyOperator(EdgeValue input, EdgeValue output) : IEdgeOperator
{
    public void Run(in EdgeFrame frame)
    {
        if (input.Type == ElementType.String)
        {
            var texts = frame.Texts(output);
            for (var i = 0; i < texts.Length; i++)
            {
                texts[i] = frame.Text(input, i);
            }

            return;
        }

        var bytes = input.Type.SizeBytes();
        frame.Bytes(input, bytes).CopyTo(frame.Bytes(output, bytes));
    }
}
