using Mlp.Core;

namespace Mlp.Inference;

/// <summary>The first of three stages: prepares models. A prepared model is shared by all threads; a session is one thread's own memory.</summary>
public interface IModelRuntime
{
    /// <summary>A name for people and metrics.</summary>
    string Name { get; }

    /// <summary>Prepares a model.</summary>
    /// <exception cref="MlpException">The file is no model, or one that this runtime cannot run.</exception>
    IPreparedModel Prepare(ModelFile file, PrepareOptions options);
}

/// <summary>A model ready to run: immutable, shared by all threads.</summary>
public interface IPreparedModel : IDisposable
{
    /// <summary>The runtime that runs it.</summary>
    string Runtime { get; }

    /// <summary>Why this runtime runs it, for people.</summary>
    string Reason { get; }

    /// <summary>The model's rows.</summary>
    ModelLayout Layout { get; }

    /// <summary>Whether calls that are run one at a time may have a <see cref="DeviceTensor"/> among their inputs and outputs.</summary>
    bool TakesDeviceTensors => false;

    /// <summary>The batch sizes that are run, ascending; a batch in between is run as the next larger one.</summary>
    /// <param name="rowsMax">Largest batch.</param>
    IReadOnlyList<int> BatchSizes(int rowsMax);

    /// <summary>The same model for rows of other shapes; shares what this one has. Either may be disposed first; what they share goes with the last.</summary>
    /// <param name="layout">The rows.</param>
    /// <param name="cancellationToken">Ends early what has to be run to find out about them, where the runtime can.</param>
    /// <returns>Null where the runtime cannot.</returns>
    IPreparedModel? ForRows(ModelLayout layout, CancellationToken cancellationToken = default) => null;

    /// <summary>Takes the memory of one batch.</summary>
    ModelMemory CreateMemory(int rowsMax);

    /// <summary>Takes what one thread needs to run the model.</summary>
    IModelSession CreateSession(int rowsMax);
}

/// <summary>One thread's own means to run a model. Not safe for several threads at once.</summary>
public interface IModelSession : IDisposable
{
    /// <summary>Runs the first rows of a batch.</summary>
    /// <param name="memory">Made by the same prepared model.</param>
    /// <param name="rows">1 to the memory's <see cref="ModelMemory.RowsMax"/>.</param>
    void Run(ModelMemory memory, int rows);

    /// <summary>
    /// Asks the run that is under way, or the next one, to end early, by an exception: nobody waits for its results any more. Called by another
    /// thread; holds until <see cref="Reset"/>. A runtime that cannot does nothing.
    /// </summary>
    void Cancel()
    {
    }

    /// <summary>Forgets <see cref="Cancel"/>. Called between two runs.</summary>
    void Reset()
    {
    }
}
