using System.Text.Json;
using System.Text.Json.Serialization;
using FlightDelay.Report;
using FlightDelay.Training;
using Mlp.Core;
using Mlp.Monitoring;
using Mlp.Registry.Client;

namespace FlightDelay.Pipeline;

/// <summary>Publishes the package and moves the alias that services follow, if the model is good enough.</summary>
internal sealed class RegistryStep(Workspace workspace, RegistryClient client, double aucMargin)
{
    public const string Alias = "production";

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>What the gate said of a version is kept, so that a later report can tell why it is in production.</summary>
    private string OutcomeOf(RegisteredVersion version) => workspace.At("gates", $"{version.Version}.json");

    public async Task<Publication> PublishAsync(ModelPackage package, string runId, HeldOutEvaluation evaluation, CancellationToken cancellationToken)
    {
        var version = await client.PublishAsync(package, runId, cancellationToken);
        if (version.Aliases.Contains(Alias))
        {
            return new Publication(version, WasInProduction: true, Kept(version));
        }

        var gate = new PromotionGate(
        [
            GateRule.AtLeast(MetricNames.Auc, evaluation.LogisticRegression.Auc + aucMargin),
            GateRule.AtMost(MetricNames.ExpectedCalibrationError, 0.05),
            GateRule.NotLowerThanCurrent(MetricNames.Auc, 0.005),
        ]);
        var promotion = await client.PromoteAsync(version.Name, version.Version, Alias, gate, cancellationToken);
        Directory.CreateDirectory(workspace.At("gates"));
        File.WriteAllBytes(OutcomeOf(version), JsonSerializer.SerializeToUtf8Bytes(promotion, Json));
        return new Publication(version, WasInProduction: false, promotion);
    }

    // A process that was killed between the promotion and the file has left none, or half of one.
    private PromotionResult? Kept(RegisteredVersion version)
    {
        try
        {
            return JsonSerializer.Deserialize<PromotionResult>(File.ReadAllBytes(OutcomeOf(version)), Json);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }
}

/// <param name="Version">The package's version.</param>
/// <param name="WasInProduction">Whether an earlier run had moved the alias to it.</param>
/// <param name="Gate">What the gate said; null where that is not known any more.</param>
internal sealed record Publication(RegisteredVersion Version, bool WasInProduction, PromotionResult? Gate)
{
    public bool IsInProduction => WasInProduction || Gate is { Promoted: true };

    /// <summary>The refusal in words.</summary>
    public string Refusal =>
        $"{Version.Name} version {Version.Version} was published but not promoted: the alias {RegistryStep.Alias} {(Gate!.PreviousVersion is { } current ? $"stays at version {current}" : "does not exist")}."
        + string.Concat(Gate.Rules.Where(rule => !rule.Passed).Select(rule => $"\n  {rule.Metric}: {Units.Reason(rule.Reason)}"));
}
