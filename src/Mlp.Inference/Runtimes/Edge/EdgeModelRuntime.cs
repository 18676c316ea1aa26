using Mlp.Core;
using Mlp.Edge;

namespace Mlp.Inference;

/// <summary>Mlp.Edge, the managed executor: trees, linear models and small nets, nothing native. A row gives the same bits in every batch.</summary>
internal sealed class EdgeModelRuntime : IModelRuntime
{
    public string Name => "Mlp.Edge";

    public IPreparedModel Prepare(ModelFile file, PrepareOptions options)
    {
        if (!file.Layout.IsBatched)
        {
            throw new MlpException(InferenceErrors.Unsupported, $"{file.Name}: Mlp.Edge runs models of rows only; take RuntimeChoice.OnnxRuntime, or Auto with its package. {file.Layout.WhyWhole}");
        }

        RefuseTexts(file, file.Layout.Inputs, "input");
        RefuseTexts(file, file.Layout.Outputs, "output");
        file.Layout.CheckBatch(options.RowsMax);
        try
        {
            var model = EdgeModel.Prepare(file.Model);
            return new EdgePreparedModel(model, LayoutOf(model, file.Layout));
        }
        catch (MlpException e)
        {
            throw new MlpException(e.Code, $"{file.Name}: {e.Message}", e);
        }
    }

    // A batch's rows lie in memory that both runtimes share, which holds no texts; ONNX Runtime takes them beside it.
    private static void RefuseTexts(ModelFile file, ReadOnlySpan<TensorLayout> tensors, string kind)
    {
        foreach (var tensor in tensors)
        {
            if (tensor.Type == ElementType.String)
            {
                throw new MlpException(InferenceErrors.Unsupported, $"{file.Name}: the {kind} '{tensor.Name}' is texts, which Mlp.Edge has no rows for here; take RuntimeChoice.OnnxRuntime, or Auto with its package.");
            }
        }
    }

    // The executor works out widths that a signature leaves open.
    private static ModelLayout LayoutOf(EdgeModel model, ModelLayout layout)
    {
        if (layout.IsKnown)
        {
            return layout;
        }

        var outputs = layout.Outputs.ToArray();
        for (var i = 0; i < outputs.Length; i++)
        {
            outputs[i] = outputs[i].IsKnown ? outputs[i] : outputs[i].With([model.OutputWidth(i)]);
        }

        return layout.With(outputs);
    }
}
