namespace Mlp.Inference;

/// <summary>What an instance asks for work.</summary>
internal interface IBatchSource
{
    /// <summary>Gives an instance the next batch; false, and the instance is idle, where none is ready.</summary>
    bool Take(BatchInstance instance);

    /// <summary>Runs an instance's batch and collects whom to answer.</summary>
    void Execute(BatchInstance instance, CompletionRun run);
}
