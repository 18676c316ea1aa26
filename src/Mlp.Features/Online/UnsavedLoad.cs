using Mlp.Core;

namespace Mlp.Features;

/// <summary>A materialisation that no checkpoint has yet: what was pushed since stands on it.</summary>
/// <param name="from">Where the journal stood when it began.</param>
internal sealed class UnsavedLoad(long from)
{
    private readonly TaskCompletionSource _saved = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Where the journal stood when it began.</summary>
    public long From => from;

    /// <summary>Completes when a checkpoint has it.</summary>
    public Task Saved => _saved.Task;

    public void Save() => _saved.TrySetResult();

    /// <summary>Tells who waits that a checkpoint has failed.</summary>
    public void Fail(Exception cause)
    {
        if (_saved.TrySetException(new MlpException(FeatureErrors.StoreUnavailable, $"What was pushed stands on a materialisation that is in no checkpoint, as the last one failed ({cause.Message}): make one (CheckpointAsync), and what was pushed is on disk with it.", cause)))
        {
            // Maybe no one waits.
            _ = _saved.Task.Exception;
        }
    }
}
