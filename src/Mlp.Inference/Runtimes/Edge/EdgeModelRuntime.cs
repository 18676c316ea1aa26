using Mlp.Core;
using Mlp.Edge;

namespace Mlp.Inference;

/// <summary>Mlp.Edge, the managed executor: trees, linear models and small nets, nothing native. A row gives the same bits in every batch.</summary>
internal sealed class EdgeModelRuntime : IModelRuntime
{
    public string Name => "Mlp.Edge";

    public IPreparedModel Prepare(ModelFile file, PrepareOptions options)
    {
        try
        {
            return new EdgePreparedModel(EdgeModel.Prepare(file.Model), file.Layout);
        }
        catch (MlpException e)
        {
            throw new MlpException(e.Code, $"{file.Name}: {e.Message}", e);
        }
    }
}
