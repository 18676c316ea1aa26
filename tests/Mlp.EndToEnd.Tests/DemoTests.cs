using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Mlp.Core;
using Mlp.EndToEnd.Tests.Scenarios;

namespace Mlp.EndToEnd.Tests;

/// <summary>The sample from the outside: its program, its files, its service.</summary>
public sealed class DemoTests(ServedDemo demo) : IClassFixture<ServedDemo>
{
    private static readonly TimeSpan SecondRunMax = TimeSpan.FromMinutes(1);

    [Fact]
    public void A_demo_that_was_killed_at_every_step_runs_to_its_end()
    {
        Assert.True(demo.First.ExitCode == 0, demo.First.Output);
        Assert.Contains("0 differences from offline", demo.First.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_demo_keeps_the_training_and_takes_less_than_a_minute()
    {
        Assert.Contains("kept from an earlier run", demo.SecondOutput, StringComparison.Ordinal);
        Assert.True(demo.SecondTime < SecondRunMax, $"{demo.SecondTime}");
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
