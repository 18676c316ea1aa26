using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Mlp.Core;
using Mlp.EndToEnd.Tests.Scenarios;
using Mlp.Registry.Client;

namespace Mlp.EndToEnd.Tests;

/// <summary>The sample from the outside: its program, its files, its service.</summary>
public sealed class DemoTests(ServedDemo demo) : IClassFixture<ServedDemo>
{
    [Fact]
    public void A_demo_that_was_killed_after_every_step_and_while_it_changed_files_runs_to_its_end()
    {
        Assert.True(demo.First.ExitCode == 0, demo.First.Output);
        Assert.Contains("0 differences from offline", demo.First.Output, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(1, 9), demo.KilledAfter);
        Assert.NotEmpty(demo.KilledInside);
    }

    [Fact]
    public void Ctrl_C_ends_a_training_with_130_and_a_line_that_says_how_to_go_on()
    {
        Assert.True(demo.Stopped.ExitCode == 130, demo.Stopped.Output);
        Assert.EndsWith("Stopped. Run ./demo again to go on: what is complete is kept.", demo.Stopped.Output.TrimEnd(), StringComparison.Ordinal);
        Assert.DoesNotContain("5/10", demo.Stopped.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_run_stays_open_in_the_registry_whatever_ended_its_process()
    {
        using var cache = new TemporaryFolder();
        using var registry = new RegistryClient(new RegistryClientOptions { Server = DemoProgram.AddressIn(demo.SecondOutput), CacheFolder = cache.Path });
        var runs = await registry.ListRunsAsync("flight-delay", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Contains(runs, r => r.Status == RunStatus.Killed);
        Assert.Single(runs, r => r.Status == RunStatus.Finished);
        Assert.All(runs, r => Assert.True(r.Status is RunStatus.Killed or RunStatus.Finished, $"{r.Status}"));
    }

    [Fact]
    public void A_model_that_its_gate_refuses_ends_the_demo_with_the_reasons_and_the_way_to_the_report()
    {
        Assert.True(demo.Refused.ExitCode == 1, demo.Refused.Output);
        Assert.Contains("was published but not promoted: the alias production does not exist", demo.Refused.Output, StringComparison.Ordinal);
        Assert.Contains("is not at least", demo.Refused.Output, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(demo.Workspace, "report.html"), demo.Refused.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("6/10", demo.Refused.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Nothing is in production")]
    [InlineData("failed !!")]
    [InlineData("is not at least")]
    [InlineData("gradient-boosted trees")]
    [InlineData("Expected calibration error")]
    [InlineData("origin_size large")]
    [InlineData("AUC logistic")]
    [InlineData("log loss base rate")]
    public void The_report_of_a_refused_model_says_what_was_measured_and_why_it_is_not_in_production(string words) =>
        Assert.Contains(words, demo.RefusedReport, StringComparison.Ordinal);

    [Fact]
    public void The_report_of_a_refused_model_has_nothing_that_was_not_measured()
    {
        Assert.DoesNotContain("Drift by month", demo.RefusedReport, StringComparison.Ordinal);
        Assert.DoesNotContain("predictions a second", demo.RefusedReport, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stricter_gate_ends_the_demo_though_the_version_is_in_production_and_the_report_says_that_it_stays_there()
    {
        Assert.True(demo.Stricter.ExitCode == 1, demo.Stricter.Output);
        Assert.Contains("does not pass this gate: the alias production stays with it", demo.Stricter.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("6/10", demo.Stricter.Output, StringComparison.Ordinal);
        Assert.Contains("failed !!", demo.StricterReport, StringComparison.Ordinal);
        Assert.Contains("and stays there; this gate asks for more", demo.StricterReport, StringComparison.Ordinal);
        Assert.DoesNotContain("it passed every rule", demo.StricterReport, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1/10", true)]
    [InlineData("3/10", false)]
    [InlineData("4/10", true)]
    [InlineData("5/10", true)]
    [InlineData("7/10", true)]
    [InlineData("8/10", false)]
    public void A_second_demo_reuses_what_the_first_made(string step, bool reused)
    {
        var line = demo.SecondOutput.Split('\n').Single(l => l.Contains($"{step} ", StringComparison.Ordinal));
        Assert.True(line.Contains("reused", StringComparison.Ordinal) == reused, line);
    }

    [Fact]
    public void A_second_demo_does_not_join_the_training_months_again() =>
        Assert.DoesNotContain("train,", demo.SecondOutput.Split('\n').Single(l => l.Contains("3/10 ", StringComparison.Ordinal)), StringComparison.Ordinal);

    [Fact]
    public async Task The_report_of_a_later_run_still_says_what_the_gate_said()
    {
        var html = await File.ReadAllTextAsync(Path.Combine(demo.Workspace, "report.html"), TestContext.Current.CancellationToken);
        Assert.Contains("it passed every rule", html, StringComparison.Ordinal);
        Assert.Contains(">passed<", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workspace_is_named_from_the_folder_that_the_caller_is_in()
    {
        // The caller's own folder has a workspace that is in use: the answer names it, and nothing else happens.
        using var caller = new TemporaryFolder();
        Directory.CreateDirectory(caller.At("mine"));
        await using var held = new FileStream(Path.Combine(caller.At("mine"), ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

        // The script's own build is left out: this is the build under test.
        var path = Environment.GetEnvironmentVariable("PATH");
        await File.WriteAllTextAsync(caller.At("dotnet"), $"""
            #!/bin/sh
            if [ "$1" = build ]; then exit 0; fi
            shift
            PATH='{path}' exec dotnet '{DemoProgram.Program}' "$@"

            """, TestContext.Current.CancellationToken);
        await Command.RunAsync("chmod", caller.Path, ["+x", "dotnet"]);
        var run = await Command.RunAsync("bash", caller.Path, [Checkout.At("demo"), "--workspace", "mine"], ("PATH", $"{caller.Path}:{path}"));
        Assert.True(run.ExitCode == 1, run.Output);
        Assert.Contains($"Another demo is at work in {caller.At("mine")}", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_package_carries_everything_that_belongs_to_the_model()
    {
        var package = ModelPackage.Open(Path.Combine(demo.Workspace, "package"));
        Assert.Equal("flight-delay", package.Manifest.Name);
        Assert.Equal(15, package.Manifest.FeatureService!.Features.Count);
        Assert.NotEmpty(package.Manifest.Lineage!.RunId);
        Assert.Single(package.Manifest.Lineage.Data);
        Assert.Equal(["evaluation.json", "golden.json", "model.onnx", "profile.json"], package.Manifest.Files.Select(f => f.Path));
        Assert.Contains("features: float32[batch, 15]", package.Manifest.Signature.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_report_is_one_file_that_needs_nothing_from_anywhere()
    {
        var html = await File.ReadAllTextAsync(Path.Combine(demo.Workspace, "report.html"), TestContext.Current.CancellationToken);
        Assert.DoesNotContain("src=\"http", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<link", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<text", html, StringComparison.Ordinal);
        var plots = html.Split("<svg ")[1..];
        Assert.Equal(4, plots.Length);
        Assert.All(plots, plot => Assert.Contains("<path fill=\"currentColor\" transform=", plot, StringComparison.Ordinal));
        foreach (var part in new[] { "Calibration", "ROC", "importance", "atency", "rift" })
        {
            Assert.Contains(part, html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_flight_gets_a_probability_and_the_values_that_led_to_it()
    {
        using var answer = await PredictAsync("""{"origin":"SEA","destination":"ATL","departure":"2001-07-01T00:30"}""");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var json = await JsonAsync(answer);
        Assert.InRange(json.RootElement.GetProperty("probability").GetDouble(), 0.001, 0.999);
        Assert.Equal("flight-delay", json.RootElement.GetProperty("model").GetProperty("name").GetString());
        var features = json.RootElement.GetProperty("features");
        Assert.Equal(15, features.EnumerateObject().Count());
        Assert.Equal(0.5f, features.GetProperty("calendar.hour").GetSingle());
        Assert.Equal(0, features.GetProperty("calendar.weekday").GetSingle());

        // What the service says was counted is what the flights themselves say.
        var end = new DateTime(2001, 7, 1, 0, 0, 0, DateTimeKind.Utc);
        Assert.Equal(Flights.All.Count(f => f.Origin == "SEA" && f.KnownAt < end && f.KnownAt >= end.AddMinutes(30).AddHours(-3)), features.GetProperty("origin_delays.departures_3h").GetSingle());
    }

    [Fact]
    public async Task A_route_that_was_never_flown_has_null_for_what_is_not_known()
    {
        var destination = Flights.All.Select(f => f.Destination).Distinct().First(d => !Flights.All.Any(f => f.Origin == "SAV" && f.Destination == d));
        using var answer = await PredictAsync($$"""{"origin":"SAV","destination":"{{destination}}","departure":"2001-07-01T00:30"}""");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var json = await JsonAsync(answer);
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("features").GetProperty("route.distance").ValueKind);
        Assert.Equal(0, json.RootElement.GetProperty("features").GetProperty("route_delays.departures_7d").GetSingle());
    }

    [Theory]
    [InlineData("""{"origin":"XXX","destination":"ATL","departure":"2001-07-01T00:30"}""", "origin")]
    [InlineData("""{"origin":"SEA","destination":"../etc","departure":"2001-07-01T00:30"}""", "destination")]
    [InlineData("""{"destination":"ATL","departure":"2001-07-01T00:30"}""", "origin")]
    [InlineData("""{"origin":"SEA","destination":"ATL"}""", "departure")]
    [InlineData("""{"origin":"SEA","destination":"ATL","departure":"1999-01-01T00:00"}""", "departure")]
    [InlineData("""{"origin":"SEA","destination":"ATL","departure":"2026-01-01T00:00"}""", "departure")]
    [InlineData("""{"origin":"SEA","destination":"ATL","departure":"tomorrow"}""", "departure")]
    [InlineData("""{"origin":"SEA","destination":"ATL","departure":5}""", "departure")]
    [InlineData("""{"origin":["SEA"],"destination":"ATL","departure":"2001-07-01T00:30"}""", "origin")]
    [InlineData("""{"origin":"SEA","destination":"SEA","departure":"2001-07-01T00:30"}""", "destination")]
    [InlineData("null", "body")]
    [InlineData("""{"origin":"SEA",""", "body")]
    [InlineData("", "body")]
    public async Task What_is_wrong_with_a_request_is_named_by_its_field(string body, string field)
    {
        using var answer = await PredictAsync(body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        using var json = await JsonAsync(answer);
        Assert.Equal(field, Assert.Single(json.RootElement.GetProperty("errors").EnumerateObject()).Name);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused()
    {
        using var answer = await PredictAsync($$"""{"origin":"{{new string('A', 2 << 20)}}","destination":"ATL","departure":"2001-07-01T00:30"}""");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task The_model_answers_by_the_open_inference_protocol_as_by_its_own_route()
    {
        using var own = await PredictAsync("""{"origin":"BOS","destination":"SEA","departure":"2001-07-01T00:30"}""");
        using var ownJson = await JsonAsync(own);
        var row = ownJson.RootElement.GetProperty("features").EnumerateObject().Select(f => f.Value.GetSingle()).ToArray();
        using var response = await demo.Client.PostAsJsonAsync("/v2/models/flight-delay/infer", new { inputs = new[] { new { name = "features", datatype = "FP32", shape = new[] { 1, row.Length }, data = row } } }, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var json = await JsonAsync(response);
        var probabilities = json.RootElement.GetProperty("outputs").EnumerateArray().Single(o => o.GetProperty("name").GetString() == "probabilities").GetProperty("data");
        Assert.Equal(ownJson.RootElement.GetProperty("probability").GetSingle(), probabilities[1].GetSingle());
    }

    [Theory]
    [InlineData("/health", "Healthy")]
    [InlineData("/metrics", "mlp_inference")]
    [InlineData("/openapi/v1.json", "/flights/predict")]
    [InlineData("/docs", "Flight delays")]
    [InlineData("/v2/models/flight-delay", "probabilities")]
    public async Task The_pages_of_the_service_are_there(string path, string content)
    {
        using var first = await PredictAsync("""{"origin":"SEA","destination":"ATL","departure":"2001-07-01T00:30"}""");
        Assert.Contains(content, await demo.Client.GetStringAsync(path, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_demo_in_the_same_workspace_is_told_to_wait()
    {
        var (exitCode, output) = await DemoProgram.RunAsync("--workspace", demo.Workspace);
        Assert.Equal(1, exitCode);
        Assert.Contains("Another demo is at work", output, StringComparison.Ordinal);
    }

    private async Task<HttpResponseMessage> PredictAsync(string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await demo.Client.PostAsync("/flights/predict", content, TestContext.Current.CancellationToken);
    }

    private static async Task<JsonDocument> JsonAsync(HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
}
