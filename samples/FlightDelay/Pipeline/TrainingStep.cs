using FlightDelay.Features;
using FlightDelay.Training;
using Mlp.Core;
using Mlp.Inference;
using Mlp.MLNet;
using Mlp.Monitoring;
using Mlp.Registry.Client;

namespace FlightDelay.Pipeline;

/// <summary>
/// Trains on the months before the last without their validation days, evaluates on the last, and packs the model with everything that
/// travels with it.
/// </summary>
internal sealed class TrainingStep(Workspace workspace, FlightHistory history, RegistryClient registry, TimeProvider time)
{
    public const string ModelName = "flight-delay";

    // Raise it when this code would give another package of the same inputs.
    private const string Version = "5";

    private string PackageFolder => workspace.At("package");

    private string Key => Workspace.Key(Version, history.Digest, FlightFeatures.Service.Digest, $"{ValidationDays.Every}", string.Join(';', DelayTrainer.Parameters.Select(p => $"{p.Key}={p.Value}")));

    /// <summary>Whether the workspace holds the package of these flights, features and parameters.</summary>
    public bool IsDone => workspace.IsDone("training", Key);

    /// <summary>The package and its figures, made before.</summary>
    public (ModelPackage Package, TrainingResult Result) Load() => (ModelPackage.Open(PackageFolder), TrainingResult.Read(workspace));

    /// <summary>Trains, evaluates and packs, as one run of the registry.</summary>
    /// <param name="months">The rows of the months before the last.</param>
    /// <param name="heldOut">The rows of the last month.</param>
    /// <param name="progress">How many trees are grown; not a number from then on.</param>
    /// <param name="cancellationToken">Stops it; the run is then killed.</param>
    public async Task<(ModelPackage Package, TrainingResult Result)> RunAsync(LabelledRows months, LabelledRows heldOut, IProgress<double> progress, CancellationToken cancellationToken)
    {
        workspace.Begin("training");
        var run = await registry.StartRunAsync(ModelName, $"until {FlightHistory.HeldOutBegin:yyyy-MM}", cancellationToken);
        try
        {
            await run.LogParametersAsync(DelayTrainer.Parameters, cancellationToken);
            await run.LogDataAsync([Data()], cancellationToken);
            var (package, result, report) = await TrainAsync(run.Id, months, heldOut, progress, cancellationToken);
            await run.LogMetricsAsync(report.Metrics, cancellationToken: cancellationToken);
            await run.FinishAsync(cancellationToken: cancellationToken);
            result.Write(workspace);
            workspace.Complete("training", Key);
            return (package, result);
        }
        catch (Exception e)
        {
            await OpenRuns.EndAsync(run, e is OperationCanceledException ? RunStatus.Killed : RunStatus.Failed);
            throw;
        }
    }

    private async Task<(ModelPackage Package, TrainingResult Result, EvaluationReport Report)> TrainAsync(
        string runId, LabelledRows months, LabelledRows heldOut, IProgress<double> progress, CancellationToken cancellationToken)
    {
        var (validation, training) = months.Split(ValidationDays.Has);
        var trainer = new DelayTrainer(training.Columns, cancellationToken);
        var trees = trainer.TrainTrees(training, progress);
        progress.Report(double.NaN);
        var linear = trainer.TrainLogisticRegression(training);

        var expected = trainer.Predict(trees, heldOut);
        var report = SlicedEvaluation.Report(expected, heldOut.Labels.ToArray(), FlightSlices.Of(heldOut));
        var onnx = TreeEnsembleOnnx.BinaryClassifier(MLNetTrees.FromBinary(trees.Model, training.Columns)).Write();
        MonthlyProfiles.Write(workspace, months, trainer.Predict(trees, months));
        var reference = MonthlyProfiles.Of(validation, trainer.Predict(trees, validation));
        var package = Pack(onnx, runId, reference, report, GoldenRows.Of(heldOut, expected));
        cancellationToken.ThrowIfCancellationRequested();
        return (package, new TrainingResult
        {
            Airports = months.Origins.Distinct().Count(),
            RunId = runId,
            ModelDigest = ContentDigest.Of(onnx),
            TrainingRows = training.Count,
            ValidationRows = validation.Count,
            LateShare = (float)training.Labels.Average(late => late ? 1.0 : 0.0),
            Importances = FeatureImportances.Of(trees.Model, FlightFeatures.Service.Features),
            OnnxRuntimeDifference = await DifferenceAsync(package, RuntimeChoice.OnnxRuntime, heldOut, expected, cancellationToken),
            EdgeDifference = await DifferenceAsync(package, RuntimeChoice.Edge, heldOut, expected, cancellationToken),
            TreePredictions = expected,
            LinearPredictions = trainer.Predict(linear, heldOut),
        }, report);
    }

    private DataDigest Data() => history.Store.DigestOf(FlightFeatures.Departures) ?? throw new DemoException("The offline store is empty; run the demo with --fresh.");

    private ModelPackage Pack(byte[] onnx, string runId, DataProfile profile, EvaluationReport report, GoldenExamples golden)
    {
        var manifest = new PackageManifest
        {
            Name = ModelName,
            Signature = OnnxModel.Read(onnx).Signature(),
            Labels = ["on time", "late"],
            License = "MIT",
            Description = "The probability that a flight leaves more than 15 minutes late.",
            FeatureService = FlightFeatures.Service.ToReference(),
            Lineage = new ModelLineage(SourceCommit.Current, runId, time.GetUtcNow(), [Data()]),
            ProfileFile = DataProfile.FileName,
            EvaluationFile = EvaluationReport.FileName,
            GoldenFile = GoldenExamples.FileName,
        };
        return new PackageBuilder()
            .Add(manifest.ModelFile, onnx)
            .Add(manifest.ProfileFile, DataProfileJson.Write(profile))
            .Add(manifest.EvaluationFile, EvaluationReportJson.Write(report))
            .Add(manifest.GoldenFile, GoldenExamplesJson.Write(golden))
            .Write(PackageFolder, manifest);
    }

    private static async Task<double> DifferenceAsync(ModelPackage package, IModelRuntime runtime, LabelledRows rows, float[] expected, CancellationToken cancellationToken)
    {
        await using var host = new ModelHost();
        var model = await host.LoadAsync(package, new HostedModelOptions { Runtime = runtime, Output = "probabilities" }, cancellationToken);
        var actual = LatePredictions.Of(model, rows);
        var difference = 0.0;
        for (var i = 0; i < rows.Count; i++)
        {
            difference = Math.Max(difference, Math.Abs(actual[i] - expected[i]));
        }

        return difference <= 1e-5
            ? difference
            : throw new DemoException($"{runtime.Name} differs from the trainer's own predictions by {difference:g3}; at most 1e-5 was expected.");
    }
}
