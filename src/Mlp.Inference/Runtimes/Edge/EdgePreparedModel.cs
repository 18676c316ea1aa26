using Mlp.Edge;

namespace Mlp.Inference;

internal sealed class EdgePreparedModel(EdgeModel model, ModelLayout layout) : IPreparedModel
{
    public string Runtime => "Mlp.Edge";

    public string Reason => "Mlp.Edge was asked for.";

    public ModelLayout Layout => layout;

    // Every size is run as it is: nothing is bound to a size.
    public IReadOnlyList<int> BatchSizes(int rowsMax) => rowsMax == 1 ? [1] : [1, rowsMax];

    public ModelMemory CreateMemory(int rowsMax) => new(layout, rowsMax);

    public IModelSession CreateSession(int rowsMax) => new EdgeModelSession(model.CreateSession(rowsMax));

    public void Dispose()
    {
    }
}

internal sealed class EdgeModelSession(EdgeSession session) : IModelSession
{
    private ModelMemory? _bound;

    public void Run(ModelMemory memory, int rows)
    {
        if (!ReferenceEquals(memory, _bound))
        {
            Bind(memory);
        }

        session.Run(rows);
    }

    public void Dispose()
    {
    }

    private void Bind(ModelMemory memory)
    {
        for (var i = 0; i < memory.Layout.Inputs.Length; i++)
        {
            session.BindInput(i, memory.Input(i));
        }

        for (var i = 0; i < memory.Layout.Outputs.Length; i++)
        {
            session.BindOutput(i, memory.Output(i));
        }

        _bound = memory;
    }
}
