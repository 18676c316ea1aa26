using Mlp.Core;
using Mlp.Monitoring;
using Mlp.Registry.Client;

namespace Mlp.Registry.Tests.Promotion;

public class PromotionTests
{
    private static readonly PromotionGate Gate = new([
        GateRule.AtLeast("auc", 0.6),
        GateRule.AtMost("log_loss", 0.5),
        GateRule.NotLowerThanCurrent("auc", 0.01),
        GateRule.NotHigherThanCurrent("log_loss", 0.02),
    ]);

    [Fact]
    public async Task A_version_that_meets_every_rule_gets_the_alias()
    {
        await using var p = await Playground.StartAsync();
        await p.PublishAsync("1", Metrics(0.7, 0.4));
        var result = await p.Client.PromoteAsync("flight-delay", "1", "production", Gate);
        Assert.True(result.Promoted);
        Assert.Null(result.PreviousVersion);
        Assert.All(result.Rules, r => Assert.True(r.Passed, r.Reason));
        Assert.Equal((0.7, 0.6), (result.Rules[0].Value, result.Rules[0].Limit));
        Assert.Equal("1", (await p.Client.ResolveAsync("flight-delay", "production")).Version);
    }

    [Fact]
    public async Task All_rules_are_evaluated_and_one_that_fails_keeps_the_alias_where_it_is()
    {
        await using var p = await Playground.StartAsync();
        await p.PublishAsync("1", Metrics(0.7, 0.4));
        await p.PublishAsync("2", Metrics(0.68, 0.41));
        await p.Client.PromoteAsync("flight-delay", "1", "production", Gate);
        var result = await p.Client.PromoteAsync("flight-delay", "2", "production", Gate);
        Assert.False(result.Promoted);
        Assert.Equal("1", result.PreviousVersion);
        Assert.Equal([true, true, false, true], result.Rules.Select(r => r.Passed));
        Assert.Equal(0.7 - 0.01, result.Rules[2].Limit);
        Assert.Equal(0.4 + 0.02, result.Rules[3].Limit);
        Assert.Equal("1", (await p.Client.ResolveAsync("flight-delay", "production")).Version);
        Assert.Single(await p.Client.AliasHistoryAsync("flight-delay", "production"));
    }

    [Theory]
    [InlineData(0.69, true)]
    [InlineData(0.6899, false)]
    public async Task A_version_may_be_worse_than_the_current_one_by_the_margin_and_no_more(double auc, bool promoted)
    {
        await using var p = await Playground.StartAsync();
        await p.PublishAsync("1", Metrics(0.7, 0.4));
        await p.PublishAsync("2", Metrics(auc, 0.4));
        await p.Client.PromoteAsync("flight-delay", "1", "production", Gate);
        Assert.Equal(promoted, (await p.Client.PromoteAsync("flight-delay", "2", "production", Gate)).Promoted);
    }

    [Fact]
    public async Task A_metric_that_is_not_a_number_or_missing_or_in_no_report_fails_with_a_reason()
    {
        await using var p = await Playground.StartAsync();
        await p.PublishAsync("1", Metrics(double.NaN, 0.4));
        await p.PublishAsync("2", new Dictionary<string, double> { ["other"] = 1 });
        await p.PublishAsync("3");
        var gate = new PromotionGate([GateRule.AtLeast("auc", 0.1)]);
        foreach (var (version, reason) in ((string, string)[])[("1", "not a number"), ("2", "no metric 'auc'"), ("3", "no evaluation report")])
        {
            var result = await p.Client.PromoteAsync("flight-delay", version, "production", gate);
            Assert.False(result.Promoted);
            Assert.Contains(reason, Assert.Single(result.Rules).Reason, StringComparison.Ordinal);
        }

        Assert.Empty(await p.Client.AliasHistoryAsync("flight-delay", "production"));
    }

    [Fact]
    public async Task A_current_version_without_the_metric_cannot_be_compared_with()
    {
        await using var p = await Playground.StartAsync();
        await p.PublishAsync("1");
        await p.PublishAsync("2", Metrics(0.7, 0.4));
        await p.Wire.Ok("mlflow/registered-models/alias", """{"name":"flight-delay","alias":"production","version":"1"}""");
        var result = await p.Client.PromoteAsync("flight-delay", "2", "production", new PromotionGate([GateRule.NotLowerThanCurrent("auc", 0.5)]));
        Assert.False(result.Promoted);
        Assert.Contains("current version", result.Rules[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_may_look_at_a_slice()
    {
        await using var p = await Playground.StartAsync();
        await p.Client.PublishAsync(p.Package("1", Metrics(0.7, 0.4), [new EvaluationSlice("size", "small", 5, Metrics(0.55, 0.6))]));
        var small = new GateSlice("size", "small");
        var result = await p.Client.PromoteAsync("flight-delay", "1", "production", new PromotionGate([
            GateRule.AtLeast("auc", 0.5) with { Slice = small }, GateRule.AtLeast("auc", 0.6) with { Slice = small }, GateRule.AtLeast("auc", 0.6) with { Slice = new("size", "none") }]));
        Assert.Equal([true, false, false], result.Rules.Select(r => r.Passed));
    }

    [Fact]
    public async Task A_report_that_was_changed_in_the_store_promotes_nothing()
    {
        await using var p = await Playground.StartAsync();
        var package = p.Package("1", Metrics(0.5, 0.4));
        await p.Client.PublishAsync(package);
        var blob = p.BlobPath(package.Manifest.Files.Single(f => f.Path == EvaluationReport.FileName).Digest);
        await File.WriteAllTextAsync(blob, (await File.ReadAllTextAsync(blob)).Replace("0.5", "0.9", StringComparison.Ordinal));
        var error = await Assert.ThrowsAsync<RegistryException>(() => p.Client.PromoteAsync("flight-delay", "1", "production", Gate));
        Assert.Equal(("DATA_LOSS", ErrorCodes.PackageDamaged), (error.ServerCode, error.Code));
        Assert.Empty(await p.Client.AliasHistoryAsync("flight-delay", "production"));
    }

    [Theory]
    [InlineData("""{"rules":[]}""")]
    [InlineData("""{"rules":[{"metric":"auc","comparison":"about","amount":1}]}""")]
    [InlineData("""{"rules":[{"metric":"auc","comparison":"at_least","amount":"NaN"}]}""")]
    [InlineData("""{"rules":[{"metric":"auc","comparison":"at_least"}]}""")]
    public async Task A_gate_that_says_nothing_or_nonsense_is_refused(string gate)
    {
        await using var p = await Playground.StartAsync();
        await p.PublishAsync("1", Metrics(0.7, 0.4));
        await p.Wire.Refused(400, "INVALID_PARAMETER_VALUE", "mlp/registered-models/promote", $$"""{"name":"flight-delay","version":"1","alias":"production","gate":{{gate}}}""");
    }

    [Fact]
    public async Task What_was_production_on_a_day_is_known_for_ever_even_where_the_clock_was_set_back()
    {
        var start = new DateTimeOffset(2001, 6, 1, 0, 0, 0, TimeSpan.Zero);
        var time = new ManualTime(start);
        await using var p = await Playground.StartAsync(o => o with { Time = time });
        await p.PublishAsync("1", Metrics(0.7, 0.4));
        await p.PublishAsync("2", Metrics(0.7, 0.4));
        await p.Client.PromoteAsync("flight-delay", "1", "production", Gate);
        time.Now = start.AddDays(10);
        await p.Client.PromoteAsync("flight-delay", "2", "production", Gate);
        time.Now = start.AddDays(5);
        await p.Wire.Send(HttpMethod.Delete, "mlflow/model-versions/delete", """{"name":"flight-delay","version":"2"}""");

        Assert.Null(await p.Client.AliasAtAsync("flight-delay", "production", start.AddSeconds(-1)));
        Assert.Equal("1", await p.Client.AliasAtAsync("flight-delay", "production", start));
        Assert.Equal("1", await p.Client.AliasAtAsync("flight-delay", "production", start.AddDays(10).AddSeconds(-1)));
        Assert.Null(await p.Client.AliasAtAsync("flight-delay", "production", start.AddDays(10)));
        var history = await p.Client.AliasHistoryAsync("flight-delay", "production");
        Assert.Equal([(null, "version_deleted"), ("2", "promoted"), ("1", "promoted")], history.Select(c => (c.Version, c.Cause)));
        Assert.Equal(start.AddDays(10), history[0].At);
    }

    [Fact]
    public async Task Moves_of_an_alias_at_once_are_all_kept_in_one_order()
    {
        await using var p = await Playground.StartAsync();
        for (var i = 1; i <= 4; i++)
        {
            await p.PublishAsync($"{i}", Metrics(0.7, 0.4));
        }

        var open = new PromotionGate([GateRule.AtLeast("auc", 0)]);
        var results = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => p.Client.PromoteAsync("flight-delay", $"{(i % 4) + 1}", "production", open))));
        Assert.All(results, r => Assert.True(r.Promoted));

        var history = (await p.Client.AliasHistoryAsync("flight-delay", "production")).Reverse().ToArray();
        var moves = results.Select((r, i) => (From: r.PreviousVersion, To: $"{(i % 4) + 1}")).Where(m => m.From != m.To).ToArray();

        // Each answer says from where to where it moved: the history is a chain of exactly those moves.
        var chain = history.Select((c, i) => (From: i == 0 ? null : history[i - 1].Version, To: c.Version!));
        Assert.Equal(moves.Order(), chain.Order());
        Assert.Equal(history[^1].Version, (await p.Client.ResolveAsync("flight-delay", "production")).Version);
        Assert.Equal(history.Select(c => c.At).Order(), history.Select(c => c.At));
        Assert.Equal(3, (await p.Client.AliasHistoryAsync("flight-delay", "production", 3)).Count);
    }

    private static Dictionary<string, double> Metrics(double auc, double logLoss) => new() { ["auc"] = auc, ["log_loss"] = logLoss };
}
