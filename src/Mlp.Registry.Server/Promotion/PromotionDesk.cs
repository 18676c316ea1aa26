using Microsoft.Data.Sqlite;
using Mlp.Monitoring;

namespace Mlp.Registry.Server;

/// <summary>Moves an alias to a version if the version passes a gate.</summary>
internal sealed class PromotionDesk(RegistryDatabase database, PackageStore packages)
{
    /// <summary>Evaluates all rules and moves the alias if all passed, in one transaction: the version compared with is the one that is replaced.</summary>
    public Task<PromotionAnswer> PromoteAsync(string name, long version, string alias, IReadOnlyList<GateRule> rules, CancellationToken cancellationToken) =>
        database.WriteAsync(connection =>
        {
            VersionStore.Find(connection, name, version);
            var current = AliasStore.Holder(connection, name, alias);
            var candidateReport = Report(connection, name, version);
            var currentReport = current is { } held ? Report(connection, name, held) : null;
            var outcomes = new List<RuleOutcome>(rules.Count);
            var passed = true;
            foreach (var rule in rules)
            {
                var outcome = GateCheck.Check(rule, candidateReport, current is not null, currentReport);
                passed &= outcome.Passed;
                outcomes.Add(outcome);
            }

            if (passed)
            {
                AliasStore.Move(connection, name, alias, version, "promoted", outcomes, database.Now);
            }

            return new PromotionAnswer(name, alias, ModelNames.Text(version), passed, current is { } previous ? ModelNames.Text(previous) : null, outcomes);
        }, cancellationToken);

    private EvaluationReport? Report(SqliteConnection connection, string name, long version)
    {
        var blob = connection.First(
            "SELECT p.evaluation FROM versions v JOIN packages p ON p.digest = v.package WHERE v.name = $name AND v.version = $version",
            static r => r.TextOrNull(0), ("$name", name), ("$version", version));
        return blob is null ? null : packages.Evaluation(blob);
    }
}
