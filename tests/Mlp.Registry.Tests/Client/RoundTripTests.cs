using Mlp.Core;
using Mlp.Registry.Client;

namespace Mlp.Registry.Tests.Client;

public class RoundTripTests
{
    [Fact]
    public async Task A_run_is_logged_a_package_published_promoted_resolved_and_downloaded()
    {
        await using var p = await Playground.StartAsync();
        var data = new DataDigest("flights", ContentDigest.Of("rows"u8));
        var run = await p.Client.StartRunAsync("flight-delay", "2001-06");
        await run.LogParametersAsync(new Dictionary<string, string> { ["trees"] = "100", ["empty"] = "" });
        await run.LogMetricsAsync(new Dictionary<string, double> { ["auc"] = 0.79, ["nan"] = double.NaN });
        await run.LogMetricsAsync(new Dictionary<string, double> { ["auc"] = 0.8 }, step: 1);
        await run.SetTagsAsync(new Dictionary<string, string> { ["who"] = "me" });
        await run.LogDataAsync([data]);
        await run.FinishAsync();

        var package = p.Package("model", new Dictionary<string, double> { ["auc"] = 0.8 });
        var version = await p.Client.PublishAsync(package, run.Id);
        Assert.Equal(("flight-delay", "1", package.Digest, run.Id), (version.Name, version.Version, version.Digest, version.RunId));
        Assert.True((await p.Client.PromoteAsync("flight-delay", version.Version, "production", new PromotionGate([GateRule.AtLeast("auc", 0.6)]))).Promoted);

        var resolved = await p.Client.ResolveAsync("flight-delay", "production");
        Assert.Equal(("1", package.Digest, false), (resolved.Version, resolved.Digest, resolved.FromCache));
        var downloaded = await p.Client.DownloadAsync(resolved);
        Assert.Equal(package.Digest, downloaded.Digest);
        Assert.StartsWith(Path.Combine(p.Root, "cache"), downloaded.Folder, StringComparison.Ordinal);
        Assert.Equal("notes", await File.ReadAllTextAsync(downloaded.FilePath("notes/read.me")));

        var record = await p.Client.GetRunAsync(run.Id);
        Assert.Equal((RunStatus.Finished, "2001-06"), (record.Status, record.Name));
        Assert.NotNull(record.EndedAt);
        Assert.Equal(("100", ""), (record.Parameters["trees"], record.Parameters["empty"]));
        Assert.Equal((0.8, double.NaN), (record.Metrics["auc"], record.Metrics["nan"]));
        Assert.Equal("me", record.Tags["who"]);
        Assert.Equal([data], record.Data);
    }

    [Fact]
    public async Task More_than_a_batch_holds_is_logged_in_several()
    {
        await using var p = await Playground.StartAsync();
        var run = await p.Client.StartRunAsync("e", "r");
        await run.LogParametersAsync(Enumerable.Range(0, 250).ToDictionary(i => $"p{i}", i => $"{i}"));
        await run.LogMetricsAsync(Enumerable.Range(0, 1001).ToDictionary(i => $"m{i}", i => (double)i));
        var record = await p.Client.GetRunAsync(run.Id);
        Assert.Equal((250, 1001), (record.Parameters.Count, record.Metrics.Count));
    }

    [Fact]
    public async Task Runs_started_at_once_share_the_experiment_that_did_not_exist()
    {
        await using var p = await Playground.StartAsync();
        var runs = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => p.Client.StartRunAsync("new", $"r{i}"))));
        Assert.Single(runs.Select(r => r.ExperimentId).Distinct());
        Assert.Equal(8, runs.Select(r => r.Id).Distinct().Count());
    }

    [Fact]
    public async Task A_run_that_a_crash_left_open_is_found_and_ended_by_another_client()
    {
        await using var p = await Playground.StartAsync();
        Assert.Empty(await p.Client.ListRunsAsync("flight-delay"));
        var over = await p.Client.StartRunAsync("flight-delay", "over");
        await over.FinishAsync();
        var open = await p.Client.StartRunAsync("flight-delay", "open");
        await p.Client.StartRunAsync("another", "of somebody else");

        var later = p.Connect("later");
        var found = Assert.Single(await later.ListRunsAsync("flight-delay"), r => r.Status == RunStatus.Running);
        Assert.Equal((open.Id, "open"), (found.Id, found.Name));
        var continued = await later.ContinueRunAsync(found.Id);
        Assert.Equal((open.Id, open.ExperimentId), (continued.Id, continued.ExperimentId));
        await continued.FinishAsync(RunStatus.Killed);

        var runs = await p.Client.ListRunsAsync("flight-delay");
        Assert.Equal(2, runs.Count);
        Assert.Equal((RunStatus.Killed, RunStatus.Finished), (runs.Single(r => r.Id == open.Id).Status, runs.Single(r => r.Id == over.Id).Status));
        Assert.Single(await p.Client.ListRunsAsync("flight-delay", 1));
        Assert.Equal(RegistryErrors.NotFound, (await Assert.ThrowsAsync<RegistryException>(() => later.ContinueRunAsync("none"))).Code);
    }

    [Fact]
    public async Task Lists_stop_at_the_number_asked_for()
    {
        await using var p = await Playground.StartAsync();
        for (var i = 0; i < 5; i++)
        {
            await p.PublishAsync($"{i}");
        }

        Assert.Equal(3, (await p.Client.ListVersionsAsync("flight-delay", 3)).Count);
        Assert.Equal(["1", "2", "3", "4", "5"], (await p.Client.ListVersionsAsync("flight-delay")).Select(v => v.Version).Order());
    }

    [Fact]
    public async Task Refusals_are_typed()
    {
        await using var p = await Playground.StartAsync();
        await p.PublishAsync();
        Assert.Equal(RegistryErrors.NotFound, (await Assert.ThrowsAsync<RegistryException>(() => p.Client.GetRunAsync("none"))).Code);
        Assert.Equal(RegistryErrors.NotFound, (await Assert.ThrowsAsync<RegistryException>(() => p.Client.ResolveAsync("none", "production"))).Code);
        var missing = await Assert.ThrowsAsync<RegistryException>(() => p.Client.ResolveAsync("flight-delay", "production"));
        Assert.Equal((RegistryErrors.NotFound, 400, "INVALID_PARAMETER_VALUE"), (missing.Code, missing.Status, missing.ServerCode));
        await p.Wire.Ok("mlflow/registered-models/create", """{"name":"other"}""");
        await p.Wire.Ok("mlflow/model-versions/create", """{"name":"other","source":"s3://b/c"}""");
        await p.Wire.Ok("mlflow/registered-models/alias", """{"name":"other","alias":"production","version":"1"}""");
        Assert.Equal(RegistryErrors.Invalid, (await Assert.ThrowsAsync<RegistryException>(() => p.Client.ResolveAsync("other", "production"))).Code);
    }

    [Fact]
    public async Task A_server_with_a_token_answers_nobody_without_it()
    {
        await using var p = await Playground.StartAsync(o => o with { Token = "s3cret" });
        Assert.NotNull(await p.Client.StartRunAsync("e", "r"));
        foreach (var token in (string?[])[null, "wrong", "s3cret2", "s3cre"])
        {
            var stranger = p.Connect("stranger", o => o with { Token = token });
            var error = await Assert.ThrowsAsync<RegistryException>(() => stranger.StartRunAsync("e", "r"));
            Assert.Equal((RegistryErrors.Unauthenticated, 401, "UNAUTHENTICATED"), (error.Code, error.Status, error.ServerCode));
            Assert.Equal(RegistryErrors.Unauthenticated, (await Assert.ThrowsAsync<RegistryException>(() => stranger.PublishAsync(p.Package()))).Code);
            Assert.Equal(RegistryErrors.Unauthenticated, (await Assert.ThrowsAsync<RegistryException>(() => stranger.DownloadAsync(ContentDigest.Of("x"u8)))).Code);
        }
    }

    [Fact]
    public void A_token_is_neither_printed_nor_sent_in_the_clear()
    {
        var options = new RegistryClientOptions { Server = new("http://127.0.0.1:1"), CacheFolder = "c", Token = "s3cret" };
        Assert.DoesNotContain("s3cret", options.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", new Server.RegistryServerOptions { Folder = "f", Token = "s3cret" }.ToString(), StringComparison.Ordinal);
        options.Validate();
        Assert.Throws<ArgumentException>(() => (options with { Server = new("http://registry.example") }).Validate());
        Assert.Throws<ArgumentException>(() => (options with { Server = new("http://u:p@127.0.0.1") }).Validate());
        (options with { Server = new("https://registry.example") }).Validate();
    }

    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://registry.example:80")]
    [InlineData("https://127.0.0.1:0")]
    [InlineData("nonsense")]
    public async Task A_server_that_others_could_reach_without_a_token_does_not_start(string url) =>
        await Assert.ThrowsAsync<ArgumentException>(() => Server.RegistryServer.StartAsync(new() { Folder = "never-made", Url = url }));
}
