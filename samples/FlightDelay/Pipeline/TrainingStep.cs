using FlightDelay.Features;
using FlightDelay.Training;
using Mlp.Core;
using Mlp.Inference;
using Mlp.MLNet;
using Mlp.Monitoring;
using Mlp.Registry.Client;

namespace FlightDelay.Pipeline;

/// <summary>Trains on all months but the last, evaluates on the last, and packs the model with everything that travels with it.</summary>
internal sealed class TrainingStep(Workspace workspace, FlightHistory history, RegistryClient registry, TimeProvider time)
{
    public const string ModelName = "flight-delay";

    // Raise it when this code would give another package of the same inputs.
    private const string Version = "4";

    private string PackageFolder => workspace.At("package");

    private string Key => Workspace.Key(Version, history.Digest, FlightFeatures.Service.Digest, string.Join(';', DelayTrainer.Parameters.Select(p => $"{p.Key}={p.Value}")));

    /// <summary>Whether the workspace holds the package of these flights, features and parameters.</summary>
    public bool IsDone => workspace.IsDone("training", Key);

    /// <summary>The package and its figures, made before.</summary>
    public (ModelPackage Package, TrainingResult Result) Load() => (ModelPackage.Open(PackageFolder), TrainingResult.Read(workspace));

    public async Task<(ModelPackage Package, TrainingResult Result)> RunAsync(LabelledRows training, LabelledRows heldOut, IProgress<double> progress)
    {
        workspace.Begin("training");
        var run = await registry.StartRunAsync(ModelName, $"until {FlightHistory.HeldOutBegin:yyyy-MM}");
        try
        {
            await run.LogParametersAsync(DelayTrainer.Parameters);
            await run.LogDataAsync([Data()]);

            var trainer = new DelayTrainer(training.Columns);
            progress.Report(0.05);
            var trees = trainer.TrainTrees(training);
            progress.Report(0.7);
            var linear = trainer.TrainLogisticRegression(training);
            progress.Report(0.85);

            var labels = heldOut.Labels.ToArray();
            var expected = trainer.Predict(trees, heldOut);
            var report = SlicedEvaluation.Report(expected, labels, FlightSlices.Of(heldOut));
            var onnx = TreeEnsembleOnnx.BinaryClassifier(MLNetTrees.FromBinary(trees.Model, training.Columns)).Write();
            var profile = MonthlyProfiles.Write(workspace, training, trainer.Predict(trees, training));
            var package = Pack(onnx, run.Id, profile, report, GoldenRows.Of(heldOut, expected));
            progress.Report(0.95);

            var result = new TrainingResult
            {
                Airports = training.Origins.Distinct().Count(),
                RunId = run.Id,
                LateShare = (float)training.Labels.Average(late => late ? 1.0 : 0.0),
                Importances = FeatureImportances.Of(trees.Model, FlightFeatures.Service.Features),
                OnnxRuntimeDifference = await DifferenceAsync(package, RuntimeChoice.OnnxRuntime, heldOut, expected),
                EdgeDifference = await DifferenceAsync(package, RuntimeChoice.Edge, heldOut, expected),
                TreePredictions = expected,
                LinearPredictions = trainer.Predict(linear, heldOut),
            };
            await run.LogMetricsAsync(report.Metrics);
            await run.FinishAsync();
            result.Write(workspace);
            workspace.Complete("training", Key);
            return (package, result);
        }
        catch
        {
            await run.FinishAsync(RunStatus.Failed);
            throw;
        }
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

    private static async Task<double> DifferenceAsync(ModelPackage package, IModelRuntime runtime, LabelledRows rows, float[] expected)
    {
        await using var host = new ModelHost();
        var model = await host.LoadAsync(package, new HostedModelOptions { Runtime = runtime, Output = "probabilities" });
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
