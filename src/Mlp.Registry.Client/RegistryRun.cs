using Mlp.Core;

namespace Mlp.Registry.Client;

/// <summary>A run that is being logged: parameters, metrics, tags, and the data it read.</summary>
public sealed class RegistryRun
{
    private const int MetricsMax = 1000;
    private const int PairsMax = 100;

    private readonly RegistryHttp _http;
    private readonly TimeProvider _time;

    internal RegistryRun(string id, string experimentId, RegistryHttp http, TimeProvider time)
    {
        Id = id;
        ExperimentId = experimentId;
        _http = http;
        _time = time;
    }

    /// <summary>The run's identity.</summary>
    public string Id { get; }

    /// <summary>The identity of its experiment.</summary>
    public string ExperimentId { get; }

    /// <summary>Logs parameters. A parameter never changes: the same value again is fine, another is refused.</summary>
    /// <exception cref="RegistryException">The registry refuses or is away.</exception>
    public Task LogParametersAsync(IReadOnlyDictionary<string, string> parameters, CancellationToken cancellationToken = default) =>
        PairsAsync(parameters, chunk => new LogBatchRequest(Id, null, chunk, null), cancellationToken);

    /// <summary>Sets tags.</summary>
    /// <exception cref="RegistryException">The registry refuses or is away.</exception>
    public Task SetTagsAsync(IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken = default) =>
        PairsAsync(tags, chunk => new LogBatchRequest(Id, null, null, chunk), cancellationToken);

    /// <summary>Logs a point of each metric.</summary>
    /// <param name="metrics">Values by name.</param>
    /// <param name="step">Where on the metric's curve, such as the epoch.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="RegistryException">The registry refuses or is away.</exception>
    public async Task LogMetricsAsync(IReadOnlyDictionary<string, double> metrics, long step = 0, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        var points = new List<WireMetric>(metrics.Count);
        foreach (var (name, value) in metrics)
        {
            points.Add(new WireMetric(name, value, now, step));
        }

        for (var start = 0; start < points.Count; start += MetricsMax)
        {
            var chunk = points.GetRange(start, Math.Min(MetricsMax, points.Count - start));
            await LogAsync(new LogBatchRequest(Id, chunk, null, null), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Logs the data that the run read, by content.</summary>
    /// <exception cref="RegistryException">The registry refuses or is away.</exception>
    public Task LogDataAsync(IReadOnlyList<DataDigest> data, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        var inputs = new List<WireInput>(data.Count);
        foreach (var (name, digest) in data)
        {
            inputs.Add(new WireInput(new WireDataset(name, digest, "mlp", digest)));
        }

        return _http.PostAsync("mlflow/runs/log-inputs", new LogInputsRequest(Id, inputs), WireJson.Default.LogInputsRequest, WireJson.Default.EmptyBody, cancellationToken);
    }

    /// <summary>States that the run is over.</summary>
    /// <exception cref="RegistryException">The registry refuses or is away.</exception>
    public Task FinishAsync(RunStatus status = RunStatus.Finished, CancellationToken cancellationToken = default)
    {
        var text = status switch
        {
            RunStatus.Finished => "FINISHED",
            RunStatus.Failed => "FAILED",
            RunStatus.Killed => "KILLED",
            _ => throw new ArgumentOutOfRangeException(nameof(status), status, "A run ends finished, failed or killed."),
        };
        var request = new UpdateRunRequest(Id, text, _time.GetUtcNow().ToUnixTimeMilliseconds());
        return _http.PostAsync("mlflow/runs/update", request, WireJson.Default.UpdateRunRequest, WireJson.Default.EmptyBody, cancellationToken);
    }

    private async Task PairsAsync(IReadOnlyDictionary<string, string> pairs, Func<List<WirePair>, LogBatchRequest> request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        var all = new List<WirePair>(pairs.Count);
        foreach (var (key, value) in pairs)
        {
            all.Add(new WirePair(key, value));
        }

        for (var start = 0; start < all.Count; start += PairsMax)
        {
            await LogAsync(request(all.GetRange(start, Math.Min(PairsMax, all.Count - start))), cancellationToken).ConfigureAwait(false);
        }
    }

    private Task LogAsync(LogBatchRequest request, CancellationToken cancellationToken) =>
        _http.PostAsync("mlflow/runs/log-batch", request, WireJson.Default.LogBatchRequest, WireJson.Default.EmptyBody, cancellationToken);
}
