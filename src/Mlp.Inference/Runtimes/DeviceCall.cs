namespace Mlp.Inference;

/// <summary>
/// A call that reads or writes memory of its caller's. The caller may give that memory back as soon as the call has ended, and a call that is cancelled
/// ends before its run does: so its end waits for the run that is under way, and forbids one that has not begun.
/// </summary>
/// <param name="outputs">Where outputs go, in the signature's order; null for those that come back as a copy.</param>
internal sealed class DeviceCall(IReadOnlyList<DeviceTensor?> outputs)
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _letGo = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isRunning;
    private bool _isEnding;

    public IReadOnlyList<DeviceTensor?> Outputs => outputs;

    /// <summary>Called before a run touches the memory.</summary>
    /// <returns>False when the call has ended.</returns>
    public bool TryBegin()
    {
        lock (_gate)
        {
            return _isRunning = !_isEnding;
        }
    }

    /// <summary>Called when the run no longer touches the memory.</summary>
    public void End()
    {
        lock (_gate)
        {
            _isRunning = false;
            if (_isEnding)
            {
                _letGo.TrySetResult();
            }
        }
    }

    /// <summary>Completes when nobody touches the memory any more; no run begins afterwards.</summary>
    public Task LetGoAsync()
    {
        lock (_gate)
        {
            _isEnding = true;
            if (!_isRunning)
            {
                _letGo.TrySetResult();
            }

            return _letGo.Task;
        }
    }
}
