using FlightDelay.Training;
using Mlp.Core;
using Mlp.Monitoring;
using Mlp.Registry.Client;

namespace FlightDelay.Pipeline;

/// <summary>Publishes the package and moves the alias that services follow, if the model is good enough.</summary>
internal sealed class RegistryStep(RegistryClient client)
{
    public const string Alias = "production";

    /// <summary>What the model has to be better than logistic regression by.</summary>
    private const double AucMargin = 0.02;

    public async Task<RegisteredVersion> PublishAsync(ModelPackage package, string runId, HeldOutEvaluation evaluation, CancellationToken cancellationToken)
    {
        var version = await client.PublishAsync(package, runId, cancellationToken);
        if (version.Aliases.Contains(Alias))
        {
            return version;
        }

        var gate = new PromotionGate(
        [
            GateRule.AtLeast(MetricNames.Auc, evaluation.LogisticRegression.Auc + AucMargin),
            GateRule.AtMost(MetricNames.ExpectedCalibrationError, 0.05),
            GateRule.NotLowerThanCurrent(MetricNames.Auc, 0.005),
        ]);
        var promotion = await client.PromoteAsync(version.Name, version.Version, Alias, gate, cancellationToken);
        if (promotion.Promoted)
        {
            return version;
        }

        // What follows would be another model's: its scores under this training's name, or the other way round.
        var failed = promotion.Rules.Where(rule => !rule.Passed).Select(rule => $"\n  {rule.Metric} is {rule.Value:0.0000}, the gate asks for {rule.Limit:0.0000}: {rule.Reason}");
        throw new DemoException($"{version.Name} version {version.Version} was published but not promoted: the alias {Alias} {(promotion.PreviousVersion is { } current ? $"stays at version {current}" : "does not exist")}.{string.Concat(failed)}");
    }
}
