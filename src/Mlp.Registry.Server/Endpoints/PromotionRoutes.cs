using Microsoft.AspNetCore.Routing;

namespace Mlp.Registry.Server;

/// <summary><c>/mlp/registered-models</c>: promotion through a gate, and what an alias stood for when.</summary>
internal sealed class PromotionRoutes(Answers answers, PromotionDesk promotions, AliasStore aliases, RegistryLimits limits)
{
    private const int ResultsUsual = 100;
    private const int ResultsMax = 1000;

    public void Map(IEndpointRouteBuilder routes)
    {
        var json = RegistryJson.Default;
        answers.Map(routes, "POST", "/mlp/registered-models/promote", json.PromotionAnswer, (fields, cancel) => promotions.PromoteAsync(
            fields.Text("name"), ModelNames.Version(fields), ModelNames.Alias(fields), GateRule.ReadGate(fields, limits.GateRulesMax), cancel));
        answers.Map(routes, "GET", "/mlp/registered-models/alias-history", json.AliasHistoryAnswer, fields => aliases.History(
            fields.Text("name"), fields.Text("alias"), fields.MaxResults(ResultsUsual, ResultsMax), fields.TextOrNull("page_token")));
        answers.Map(routes, "GET", "/mlp/registered-models/alias-at", json.AliasAtAnswer, fields => aliases.At(
            fields.Text("name"), fields.Text("alias"), fields.Int64("timestamp")));
    }
}
