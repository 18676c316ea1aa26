using System.Globalization;
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

    /// <summary>Publishes the package, unless that was done before, and holds it against the gate: the one that is asked for now.</summary>
    public async Task<Publication> PublishAsync(ModelPackage package, string runId, HeldOutEvaluation evaluation, CancellationToken cancellationToken)
    {
        var version = await client.PublishAsync(package, runId, cancellationToken);
        var wasInProduction = version.Aliases.Contains(Alias);
        var gate = new PromotionGate(
        [
            GateRule.AtLeast(MetricNames.Auc, evaluation.LogisticRegression.Auc + aucMargin),
            GateRule.AtMost(MetricNames.ExpectedCalibrationError, 0.05),
            GateRule.NotLowerThanCurrent(MetricNames.Auc, 0.005),
        ]);
        var kept = KeptOf(version, gate);
        if (wasInProduction && Read(kept) is { Promoted: true } passed)
        {
            // Held against itself once more, it would say nothing new, and the registry's history would call it promoted again.
            return new Publication(version, WasInProduction: true, passed);
        }

        var promotion = await client.PromoteAsync(version.Name, version.Version, Alias, gate, cancellationToken);
        Workspace.Write(kept, JsonSerializer.SerializeToUtf8Bytes(promotion, Json));
        return new Publication(version, wasInProduction, promotion);
    }

    /// <summary>Where what a gate said of a version is kept: another margin is another gate, and says something of its own.</summary>
    private string KeptOf(RegisteredVersion version, PromotionGate gate)
    {
        var key = Workspace.Key([version.Digest ?? "", .. gate.Rules.Select(rule => string.Create(CultureInfo.InvariantCulture, $"{rule.Metric} {rule.Comparison} {rule.Amount:R}"))]);
        return workspace.At("gates", $"{version.Version}-{key[..16]}.json");
    }

    // A process that was killed between the promotion and the file has left none; one that is damaged counts as none.
    private static PromotionResult? Read(string kept)
    {
        try
        {
            return JsonSerializer.Deserialize<PromotionResult>(File.ReadAllBytes(kept), Json);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }
}

/// <param name="Version">The package's version.</param>
/// <param name="WasInProduction">Whether an earlier run had moved the alias to it; a gate that refuses it now does not take the alias away.</param>
/// <param name="Gate">What the gate of this run says.</param>
internal sealed record Publication(RegisteredVersion Version, bool WasInProduction, PromotionResult Gate)
{
    /// <summary>Whether the gate lets it into production, now or, with the same rules, in an earlier run.</summary>
    public bool Passed => Gate.Promoted;

    /// <summary>The version that is in production now; null where none is.</summary>
    public string? ProductionVersion => Passed || WasInProduction ? Version.Version : Gate.PreviousVersion;

    /// <summary>The refusal in words.</summary>
    public string Refusal =>
        (WasInProduction
            ? $"{Version.Name} version {Version.Version} does not pass this gate: the alias {RegistryStep.Alias} stays with it, as an earlier gate decided."
            : $"{Version.Name} version {Version.Version} was published but not promoted: the alias {RegistryStep.Alias} {(ProductionVersion is { } current ? $"stays at version {current}" : "does not exist")}.")
        + string.Concat(Gate.Rules.Where(rule => !rule.Passed).Select(rule => $"\n  {rule.Metric}: {Units.Reason(rule.Reason)}"));
}
