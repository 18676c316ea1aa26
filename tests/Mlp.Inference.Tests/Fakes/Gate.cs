namespace Mlp.Inference.Tests.Fakes;

/// <summary>Holds a model's runs until the test lets them go on.</summary>
internal sealed class Gate : IDisposable
{
    private readonly SemaphoreSlim _entered = new(0);
    private readonly ManualResetEventSlim _open = new();

    public void Pass()
    {
        _entered.Release();
        _open.Wait();
    }

    /// <summary>Waits until a run stands before the gate.</summary>
    public void AwaitArrival() => Assert.True(_entered.Wait(TimeSpan.FromSeconds(30)), "no run came");

    public void Open() => _open.Set();

    public void Dispose()
    {
        _open.Set();
    }
}
