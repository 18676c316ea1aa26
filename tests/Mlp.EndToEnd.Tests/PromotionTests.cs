using FlightDelay.Pipeline;
using FlightDelay.Report;
using FlightDelay.Training;
using Mlp.Core;
using Mlp.EndToEnd.Tests.Scenarios;
using Mlp.Monitoring;

namespace Mlp.EndToEnd.Tests;

/// <summary>The way into production.</summary>
public class PromotionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_model_that_is_worse_than_the_one_in_production_is_refused_with_what_stays()
    {
        await using var p = await TrainingPlayground.StartAsync();
        using var made = new TemporaryFolder();
        var run = (await p.Registry.StartRunAsync(TrainingStep.ModelName, "a run", Cancel)).Id;
        var step = new RegistryStep(p.Workspace, p.Registry, aucMargin: 0.02);
        var good = await step.PublishAsync(Package(made.At("good"), auc: 0.9), run, Baseline(), Cancel);
        Assert.True(good.Passed);
        Assert.False(good.WasInProduction);

        var worse = await step.PublishAsync(Package(made.At("worse"), auc: 0.8), run, Baseline(), Cancel);
        Assert.False(worse.Passed);
        Assert.Equal("1", worse.Gate.PreviousVersion);
        Assert.Contains("stays at version 1", worse.Refusal, StringComparison.Ordinal);
        Assert.Single(worse.Gate.Rules, r => !r.Passed);
        Assert.Equal("1", (await p.Registry.ResolveAsync(TrainingStep.ModelName, RegistryStep.Alias, Cancel)).Version);

        var later = await step.PublishAsync(Package(made.At("again"), auc: 0.9), run, Baseline(), Cancel);
        Assert.True(later.WasInProduction);
        Assert.Equal(3, later.Gate.Rules.Count);
    }

    [Fact]
    public async Task What_the_gate_said_may_be_lost_and_is_asked_again()
    {
        await using var p = await TrainingPlayground.StartAsync();
        using var made = new TemporaryFolder();
        var run = (await p.Registry.StartRunAsync(TrainingStep.ModelName, "a run", Cancel)).Id;
        var step = new RegistryStep(p.Workspace, p.Registry, aucMargin: 0.02);
        var package = Package(made.At("good"), auc: 0.9);
        await step.PublishAsync(package, run, Baseline(), Cancel);
        await File.WriteAllTextAsync(Assert.Single(Directory.GetFiles(p.Workspace.At("gates"))), "{\"Promoted\":tr", Cancel);
        var halfWritten = await step.PublishAsync(package, run, Baseline(), Cancel);
        Directory.Delete(p.Workspace.At("gates"), recursive: true);
        var missing = await step.PublishAsync(package, run, Baseline(), Cancel);
        Assert.All([halfWritten, missing], publication => Assert.True(publication is { Passed: true, WasInProduction: true, ProductionVersion: "1", Gate.Rules.Count: 3 }));
    }

    [Fact]
    public async Task A_stricter_gate_refuses_the_version_that_is_in_production_and_leaves_it_there()
    {
        await using var p = await TrainingPlayground.StartAsync();
        using var made = new TemporaryFolder();
        var run = (await p.Registry.StartRunAsync(TrainingStep.ModelName, "a run", Cancel)).Id;
        var package = Package(made.At("good"), auc: 0.9);
        Task<Publication> PublishAsync(double margin) => new RegistryStep(p.Workspace, p.Registry, margin).PublishAsync(package, run, Baseline(), Cancel);

        var usual = await PublishAsync(0.02);
        var stricter = await PublishAsync(0.5);
        var again = await PublishAsync(0.02);

        Assert.True(usual is { Passed: true, WasInProduction: false });
        Assert.True(stricter is { Passed: false, WasInProduction: true, ProductionVersion: "1" });
        Assert.Equal(Baseline().LogisticRegression.Auc + 0.5, Assert.Single(stricter.Gate.Rules, r => !r.Passed).Limit!.Value, 9);
        Assert.Contains("does not pass this gate: the alias production stays with it", stricter.Refusal, StringComparison.Ordinal);
        Assert.Contains("is not at least", stricter.Refusal, StringComparison.Ordinal);
        Assert.Equal("1", (await p.Registry.ResolveAsync(TrainingStep.ModelName, RegistryStep.Alias, Cancel)).Version);

        // What the usual gate said when it let the version in, not what it would say of the version held against itself.
        Assert.True(again is { Passed: true, WasInProduction: true });
        Assert.Equal(usual.Gate.Rules, again.Gate.Rules);
    }

    [Theory]
    [InlineData(0, 0, "stable")]
    [InlineData(2, 0, "2 moved")]
    [InlineData(0, 1, "1 drifted")]
    [InlineData(3, 1, "3 moved, 1 drifted")]
    [InlineData(0, 2, "drift, 2 of 4")]
    public void A_months_verdict_says_what_it_rests_on(int moved, int drifted, string verdict)
    {
        DriftStatus[] columns = [.. Enumerable.Repeat(DriftStatus.Warning, moved), .. Enumerable.Repeat(DriftStatus.Drift, drifted)];
        var status = drifted >= 2 ? DriftStatus.Drift : columns.Length > 0 ? DriftStatus.Warning : DriftStatus.Stable;
        var report = new DriftReport(
            status, DriftStatistic.PopulationStabilityIndex,
            [.. columns.Concat(Enumerable.Repeat(DriftStatus.Stable, 4 - columns.Length)).Select((s, i) => new ColumnDrift($"f{i}", s, 0, default, 0, 0, 0, 0, 0))],
            drifted, 0.5, 1000, 1000);
        Assert.Equal(verdict, new MonthDrift("May 2001", report).Verdict);
    }

    private static HeldOutEvaluation Baseline()
    {
        float[] probabilities = [0.1f, 0.6f, 0.4f, 0.9f, 0.2f, 0.3f];
        bool[] labels = [false, false, true, true, false, true];
        var logistic = BinaryEvaluation.Of(probabilities, labels);
        Assert.True(logistic.Auc < 0.78);
        return new HeldOutEvaluation(logistic, logistic, logistic, ([], [], []));
    }

    private static ModelPackage Package(string folder, double auc)
    {
        var report = new EvaluationReport { Rows = 6, Metrics = new Dictionary<string, double> { [MetricNames.Auc] = auc, [MetricNames.ExpectedCalibrationError] = 0.01 }, Slices = [] };
        return new PackageBuilder().Add("model.onnx", "model"u8.ToArray()).Add(EvaluationReport.FileName, EvaluationReportJson.Write(report)).Write(folder, new PackageManifest
        {
            Name = TrainingStep.ModelName,
            EvaluationFile = EvaluationReport.FileName,
            Signature = new ModelSignature(
                [new TensorSpec("x", ElementType.Float32, TensorDimension.Free("batch"), TensorDimension.Fixed(3))],
                [new TensorSpec("y", ElementType.Float32, TensorDimension.Free("batch"))]),
        });
    }
}
