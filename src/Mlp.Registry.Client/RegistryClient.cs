using Mlp.Core;

namespace Mlp.Registry.Client;

/// <summary>A registry as a program sees it: log runs, publish packages, promote versions; resolve, download and verify them. Safe for many threads.</summary>
/// <remarks>Every method but the constructor throws <see cref="RegistryException"/> where the registry refuses, or is away and the cache cannot stand in.</remarks>
public sealed class RegistryClient : IDisposable
{
    private readonly RegistryHttp _http;
    private readonly RegistryPackages _transfers;
    private readonly PackageCache _packages;
    private readonly ResolutionCache _resolutions;
    private readonly TimeProvider _time;

    /// <summary>Opens the cache folder; does not call the server.</summary>
    /// <exception cref="ArgumentException">The options are invalid.</exception>
    /// <exception cref="IOException">The cache folder cannot be created.</exception>
    public RegistryClient(RegistryClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _time = options.Time;
        _packages = new PackageCache(options.CacheFolder, options.CacheBytesMax, options.TransferTimeout, _time);
        _resolutions = new ResolutionCache(options.CacheFolder, options.CacheScope ?? options.Server.AbsoluteUri);
        _http = new RegistryHttp(new RegistryEndpoint(
            options.Server, options.Token, options.Handler, options.RequestTimeout, options.TransferTimeout, options.RetriesMax, options.RetryDelay, options.AnswerBytesMax, _time));
        _transfers = new RegistryPackages(_http);
    }

    /// <summary>Starts a run; the experiment is created where it does not exist.</summary>
    public async Task<RegistryRun> StartRunAsync(string experiment, string runName, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(experiment);
        ArgumentException.ThrowIfNullOrEmpty(runName);
        var experimentId = await ExperimentAsync(experiment, cancellationToken).ConfigureAwait(false);
        var request = new CreateRunRequest(experimentId, runName, _time.GetUtcNow().ToUnixTimeMilliseconds(), []);
        var answer = await _http.PostOnceAsync("mlflow/runs/create", request, WireJson.Default.CreateRunRequest, WireJson.Default.RunAnswer, cancellationToken).ConfigureAwait(false);
        return new RegistryRun(Answers.Run(answer.Run).Id, experimentId, _http, _time);
    }

    /// <summary>A run that was started before, to log more or to state how it ended: what a program does with the runs of its own that a crash left open.</summary>
    public async Task<RegistryRun> ContinueRunAsync(string runId, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(runId);
        var answer = await _http.GetAsync($"mlflow/runs/get?run_id={Uri.EscapeDataString(runId)}", WireJson.Default.RunAnswer, cancellationToken).ConfigureAwait(false);
        return new RegistryRun(Answers.Run(answer.Run).Id, Answers.Required(answer.Run?.Info?.ExperimentId, "experiment_id"), _http, _time);
    }

    /// <summary>The runs of an experiment, the last started first; none where the experiment does not exist.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="max">Most runs to answer.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<IReadOnlyList<RunRecord>> ListRunsAsync(string experiment, int max = 100, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(experiment);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(max);
        if (await FindExperimentAsync(experiment, cancellationToken).ConfigureAwait(false) is not { } id)
        {
            return [];
        }

        return await Pages.ListAsync(
            max,
            (size, token) => _http.PostAsync("mlflow/runs/search", new SearchRunsRequest([id], size, token), WireJson.Default.SearchRunsRequest, WireJson.Default.RunsAnswer, cancellationToken),
            static page => (page.Runs, page.NextPageToken), Answers.Run).ConfigureAwait(false);
    }

    /// <summary>A run with what it has logged.</summary>
    public async Task<RunRecord> GetRunAsync(string runId, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(runId);
        var answer = await _http.GetAsync($"mlflow/runs/get?run_id={Uri.EscapeDataString(runId)}", WireJson.Default.RunAnswer, cancellationToken).ConfigureAwait(false);
        return Answers.Run(answer.Run);
    }

    /// <summary>Uploads a package and registers it as a version of the model that its manifest names. The same package again gives the same version.</summary>
    /// <param name="package">The package; the server verifies every file.</param>
    /// <param name="runId">The run that made it; null for none.</param>
    /// <param name="cancellationToken">Stops the upload; nothing of it is visible then.</param>
    public async Task<RegisteredVersion> PublishAsync(ModelPackage package, string? runId = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(package);
        await _transfers.UploadAsync(package, cancellationToken).ConfigureAwait(false);
        var request = new PublishRequest(package.Digest, runId);
        var answer = await _http.PostAsync("mlp/model-versions/publish", request, WireJson.Default.PublishRequest, WireJson.Default.VersionAnswer, cancellationToken).ConfigureAwait(false);
        return Answers.Version(answer.ModelVersion);
    }

    /// <summary>Moves an alias to a version if the version passes the gate; the answer has every rule with its value, whether or not it passed.</summary>
    public async Task<PromotionResult> PromoteAsync(string name, string version, string alias, PromotionGate gate, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(version);
        ArgumentException.ThrowIfNullOrEmpty(alias);
        ArgumentNullException.ThrowIfNull(gate);
        var request = new PromoteRequest(name, version, alias, Gates.Wire(gate));
        var answer = await _http.PostAsync("mlp/registered-models/promote", request, WireJson.Default.PromoteRequest, WireJson.Default.PromoteAnswer, cancellationToken).ConfigureAwait(false);
        return Gates.Result(answer);
    }

    /// <summary>What an alias stands for. Where the server gives no usable answer, its last known one, marked <see cref="ResolvedModel.FromCache"/>.</summary>
    public async Task<ResolvedModel> ResolveAsync(string name, string alias, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(alias);
        RegisteredVersion version;
        try
        {
            var query = $"mlflow/registered-models/alias?name={Uri.EscapeDataString(name)}&alias={Uri.EscapeDataString(alias)}";
            var answer = await _http.GetAsync(query, WireJson.Default.VersionAnswer, cancellationToken).ConfigureAwait(false);
            version = Answers.Version(answer.ModelVersion);
        }
        catch (RegistryException e) when (e.Code is RegistryErrors.Unreachable or RegistryErrors.BadAnswer or ErrorCodes.LimitReached)
        {
            if (_resolutions.Find(name, alias) is { } known)
            {
                return known;
            }

            throw;
        }
        catch (RegistryException e) when (e.ServerCode == "INVALID_PARAMETER_VALUE")
        {
            // MLflow's protocol calls a missing alias a wrong parameter; to a program it is a thing that does not exist.
            throw new RegistryException(RegistryErrors.NotFound, e.Message, e) { ServerCode = e.ServerCode, Status = e.Status };
        }

        if (version.Digest is null)
        {
            throw new RegistryException(RegistryErrors.Invalid, $"{name}@{alias} is version {version.Version}, which was not published as a package; there is nothing to download.");
        }

        var resolved = new ResolvedModel(name, alias, version.Version, version.Digest, FromCache: false, _time.GetUtcNow());
        await _resolutions.KeepAsync(resolved, cancellationToken).ConfigureAwait(false);
        return resolved;
    }

    /// <summary>The package of a resolution, verified: from the cache where it is there, without a word to the server; else downloaded.</summary>
    /// <exception cref="PackageException">The server sent something else than the package.</exception>
    public Task<ModelPackage> DownloadAsync(ResolvedModel resolved, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resolved);
        return DownloadAsync(resolved.Digest, cancellationToken);
    }

    /// <summary>The package of a digest, verified, as <see cref="DownloadAsync(ResolvedModel, CancellationToken)"/>.</summary>
    /// <exception cref="PackageException">The server sent something else than the package.</exception>
    public Task<ModelPackage> DownloadAsync(string digest, CancellationToken cancellationToken = default) => _packages.GetAsync(digest, _transfers, cancellationToken);

    /// <summary>The versions of a model, the last updated first.</summary>
    /// <param name="name">The model.</param>
    /// <param name="max">Most versions to answer.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<RegisteredVersion>> ListVersionsAsync(string name, int max = 100, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return name.Contains('\'', StringComparison.Ordinal)
            ? throw new ArgumentException("A model's name in a search has no quotation mark.", nameof(name))
            : Pages.ListAsync(
                $"mlflow/model-versions/search?filter={Uri.EscapeDataString($"name='{name}'")}", max, WireJson.Default.VersionsAnswer, _http,
                static page => (page.ModelVersions, page.NextPageToken), Answers.Version, cancellationToken);
    }

    /// <summary>The changes of an alias, the latest first. They are kept for ever.</summary>
    /// <param name="name">The model.</param>
    /// <param name="alias">The alias.</param>
    /// <param name="max">Most changes to answer.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<AliasChange>> AliasHistoryAsync(string name, string alias, int max = 100, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(alias);
        return Pages.ListAsync(
            $"mlp/registered-models/alias-history?name={Uri.EscapeDataString(name)}&alias={Uri.EscapeDataString(alias)}", max, WireJson.Default.HistoryAnswer, _http,
            static page => (page.Changes, page.NextPageToken), static c => new AliasChange(c.Version, Answers.Time(c.Timestamp), c.Cause ?? ""), cancellationToken);
    }

    /// <summary>The version that an alias stood for at a time; null where it stood for none.</summary>
    public async Task<string?> AliasAtAsync(string name, string alias, DateTimeOffset time, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(alias);
        var query = FormattableString.Invariant($"mlp/registered-models/alias-at?name={Uri.EscapeDataString(name)}&alias={Uri.EscapeDataString(alias)}&timestamp={time.ToUnixTimeMilliseconds()}");
        return (await _http.GetAsync(query, WireJson.Default.AliasAtAnswer, cancellationToken).ConfigureAwait(false)).Version;
    }

    /// <summary>Closes connections and gives up the leases on cached packages.</summary>
    public void Dispose()
    {
        _http.Dispose();
        _packages.Dispose();
    }

    private async Task<string> ExperimentAsync(string name, CancellationToken cancellationToken)
    {
        if (await FindExperimentAsync(name, cancellationToken).ConfigureAwait(false) is { } id)
        {
            return id;
        }

        try
        {
            var created = await _http.PostAsync(
                "mlflow/experiments/create", new CreateExperimentRequest(name), WireJson.Default.CreateExperimentRequest, WireJson.Default.CreateExperimentAnswer, cancellationToken).ConfigureAwait(false);
            return Answers.Required(created.ExperimentId, "experiment_id");
        }
        catch (RegistryException e) when (e.Code == RegistryErrors.AlreadyExists)
        {
            // Somebody else created it since, or an earlier attempt of ours did; one that is gone again was deleted.
            return await FindExperimentAsync(name, cancellationToken).ConfigureAwait(false) ?? throw new RegistryException(RegistryErrors.NotFound, e.Message, e);
        }
    }

    private async Task<string?> FindExperimentAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await _http.GetAsync("mlflow/experiments/get-by-name?experiment_name=" + Uri.EscapeDataString(name), WireJson.Default.ExperimentAnswer, cancellationToken).ConfigureAwait(false);
            return Answers.Required(answer.Experiment?.ExperimentId, "experiment_id");
        }
        catch (RegistryException e) when (e.Code == RegistryErrors.NotFound)
        {
            return null;
        }
    }
}
