using Mlp.Core;

namespace Mlp.Features;

/// <summary>Whether a store can be used, for those who hold on to it.</summary>
/// <param name="folder">The store's folder.</param>
/// <param name="store">The store, for the error of a closed one.</param>
internal sealed class StoreLife(string folder, object store)
{
    private Exception? _fault;
    private volatile bool _ended;
    private volatile bool _over;

    public bool HasEnded => _ended;

    /// <summary>Whether it was closed, or a change failed half-way.</summary>
    public bool IsOver => _over;

    public void End()
    {
        _ended = true;
        _over = true;
    }

    /// <summary>What is in memory may hold half a change: nothing may be read of it or written over the last checkpoint.</summary>
    public void Fault(Exception cause)
    {
        Interlocked.CompareExchange(ref _fault, cause, null);
        _over = true;
    }

    /// <exception cref="ObjectDisposedException">The store was closed.</exception>
    /// <exception cref="MlpException"><see cref="FeatureErrors.StoreFaulted"/>.</exception>
    public void Require()
    {
        if (_over)
        {
            Refuse();
        }
    }

    /// <summary>What began before the store was closed may come to its end, if nothing is half-way.</summary>
    /// <exception cref="MlpException"><see cref="FeatureErrors.StoreFaulted"/>.</exception>
    public void RequireWhole()
    {
        if (Volatile.Read(ref _fault) is { } fault)
        {
            throw Faulted(fault);
        }
    }

    private void Refuse()
    {
        ObjectDisposedException.ThrowIf(_ended, store);
        throw Faulted(_fault!);
    }

    private MlpException Faulted(Exception fault) =>
        new(FeatureErrors.StoreFaulted, $"A change of the store in {folder} failed half-way ({fault.Message}). Make room where it is full, and open it again: it goes back to its last checkpoint, and repeats its journal if it has one.", fault);
}
