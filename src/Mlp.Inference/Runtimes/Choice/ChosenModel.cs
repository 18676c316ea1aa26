namespace Mlp.Inference;

/// <summary>A prepared model with the reason why its runtime was taken.</summary>
internal sealed class ChosenModel(IPreparedModel model, string reason) : IPreparedModel
{
    public string Runtime => model.Runtime;

    public string Reason => reason;

    public ModelLayout Layout => model.Layout;

    public bool TakesDeviceTensors => model.TakesDeviceTensors;

    public IReadOnlyList<int> BatchSizes(int rowsMax) => model.BatchSizes(rowsMax);

    public IPreparedModel? ForRows(ModelLayout layout, CancellationToken cancellationToken) => model.ForRows(layout, cancellationToken);

    public ModelMemory CreateMemory(int rowsMax) => model.CreateMemory(rowsMax);

    public IModelSession CreateSession(int rowsMax) => model.CreateSession(rowsMax);

    public void Dispose() => model.Dispose();
}
