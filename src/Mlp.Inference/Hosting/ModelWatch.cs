using Mlp.Core;

namespace Mlp.Inference;

/// <summary>Looks at a source now and then, and swaps the model's version when its digest is another. What fails leaves the old version serving.</summary>
public sealed class ModelWatch : IAsyncDisposable
{
    private readonly ModelHost _host;
    private readonly IPackageSource _source;
    private readonly HostedModelOptions _options;
    private readonly WatchOptions _watch;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _oneCheck = new(1, 1);
    private readonly Task _loop;
    private volatile string? _lastError;
    private volatile int _failures;

    internal ModelWatch(ModelHost host, HostedModel model, IPackageSource source, HostedModelOptions options, WatchOptions watch, TimeProvider time)
    {
        _host = host;
        Model = model;
        _source = source;
        _options = options;
        _watch = watch;
        _time = time;
        _loop = LoopAsync();
    }

    /// <summary>The model.</summary>
    public HostedModel Model { get; }

    /// <summary>Where its packages come from.</summary>
    public string Source => _source.Name;

    /// <summary>Why the latest look at the source, or the load that followed, failed; null if it did not.</summary>
    public string? LastError => _lastError;

    /// <summary>Looks that failed in a row.</summary>
    public int Failures => _failures;

    /// <summary>Looks at the source now.</summary>
    /// <returns>Whether another version serves now. False also where something failed: <see cref="LastError"/> says what.</returns>
    public async Task<bool> CheckAsync(CancellationToken cancellationToken = default)
    {
        await _oneCheck.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // A model that was unloaded to make room takes what the source has when it is loaded again.
            if (!Model.IsLoaded)
            {
                return false;
            }

            var found = await _source.ResolveAsync(cancellationToken).ConfigureAwait(false);
            var isNew = found.Digest != Model.Version.Digest;
            if (isNew)
            {
                await _host.LoadAsync(_source, found, _options, Model, cancellationToken).ConfigureAwait(false);
            }

            _lastError = null;
            _failures = 0;
            return isNew;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever a source or a model throws: the version that serves goes on, and the next look may find a better one.
            _lastError = e.Message;
            _failures++;
            Model.LoadFailed(e.Message);
            return false;
        }
        finally
        {
            _oneCheck.Release();
        }
    }

    /// <summary>Stops looking. A load that is under way is ended where the runtime can end it; the model stays.</summary>
    public async ValueTask DisposeAsync()
    {
        await EndAsync().ConfigureAwait(false);
        _host.Forget(this);
    }

    /// <summary>Stops looking, and waits for the look that is under way.</summary>
    internal async Task EndAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task LoopAsync()
    {
        while (_host.Has(Model))
        {
            await Task.Delay(NextInterval(), _time, _stop.Token).ConfigureAwait(false);
            await CheckAsync(_stop.Token).ConfigureAwait(false);
        }
    }

    private TimeSpan NextInterval()
    {
        var doubled = _watch.Interval * Math.Pow(2, Math.Min(_failures, 30));
        return doubled < _watch.FailureIntervalMax ? doubled : _watch.FailureIntervalMax;
    }
}
