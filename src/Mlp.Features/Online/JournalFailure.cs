using Mlp.Core;

namespace Mlp.Features;

/// <summary>Whether a journal could not be written: from then on it acknowledges nothing more.</summary>
/// <param name="folder">Where it lies.</param>
internal sealed class JournalFailure(string folder)
{
    private Exception? _cause;

    public bool HasCome => Volatile.Read(ref _cause) is not null;

    public void Set(Exception cause) => Interlocked.CompareExchange(ref _cause, cause, null);

    /// <exception cref="MlpException"><see cref="FeatureErrors.StoreUnavailable"/>.</exception>
    public void Require()
    {
        if (Volatile.Read(ref _cause) is { } cause)
        {
            throw new MlpException(
                FeatureErrors.StoreUnavailable,
                $"The journal in {folder} cannot be written ({cause.Message}), so nothing more is acknowledged. What was acknowledged is safe. Make room or mend the disk; then open the store again, or make a checkpoint first (CheckpointAsync), which keeps all that is in memory.",
                cause);
        }
    }
}
