using System.Net;
using Mlp.Core;
using Mlp.Inference;

namespace Mlp.AspNetCore.Tests;

public class ServiceTests
{
    [Fact]
    public async Task Health_follows_the_models()
    {
        await using var service = await Service.StartAsync();
        var (status, body) = await service.GetAsync("/health");
        Assert.Equal(200, status);
        Assert.Equal("Healthy", body.GetProperty("status").GetString());
        Assert.Contains("version 7", body.GetProperty("checks").GetProperty("models").GetProperty("trees").GetString()!, StringComparison.Ordinal);

        var other = new TreeEnsembleBuilder(4);
        other.BeginTree().Leaf(1);
        await Assert.ThrowsAsync<MlpException>(() => service.Host.LoadAsync(service.Package("trees", TreeEnsembleOnnx.BinaryClassifier(other.Build())), new HostedModelOptions { Runtime = RuntimeChoice.Edge }));
        (status, body) = await service.GetAsync("/health");
        Assert.Equal(200, status);
        Assert.Equal("Degraded", body.GetProperty("status").GetString());

        await service.Host.UnloadAsync("trees");
        (status, body) = await service.GetAsync("/health");
        Assert.Equal(503, status);
        Assert.Equal("Unhealthy", body.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Metrics_count_requests_by_model_and_version()
    {
        await using var service = await Service.StartAsync();
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(200, (await service.PostAsync("/v2/models/trees/infer", """{"inputs":[{"name":"features","shape":[1,3],"datatype":"FP32","data":[1,2,3]}]}""")).Status);
        }

        var text = await service.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        var line = text.Split('\n').Single(l => l.StartsWith("mlp_inference_requests_total{", StringComparison.Ordinal) && l.Contains("model=\"trees\"", StringComparison.Ordinal) && l.Contains("version=\"7\"", StringComparison.Ordinal));
        Assert.True(double.Parse(line.Split('}')[1].Trim().Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture) >= 3, line);
        Assert.Contains("mlp_inference_batch_rows_bucket", text, StringComparison.Ordinal);
        Assert.Contains("mlp_inference_queue_duration_seconds_bucket", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/fails/field", 400, RequestErrors.Invalid, "origin", "XXX")]
    [InlineData("/fails/tensor", 400, ErrorCodes.TensorMismatch, null, "expected 3")]
    [InlineData("/fails/busy", 503, InferenceErrors.Overloaded, null, "full")]
    [InlineData("/fails/limit", 503, ErrorCodes.LimitReached, null, ErrorCodes.LimitReached)]
    [InlineData("/fails/server", 500, InferenceErrors.ExecutionFailed, null, InferenceErrors.ExecutionFailed)]
    public async Task An_error_is_a_problem_body_that_names_code_and_field(string path, int expected, string code, string? field, string detail)
    {
        await using var service = await Service.StartAsync();
        using var response = await service.Client.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(expected, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        var body = System.Text.Json.JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(expected, body.GetProperty("status").GetInt32());
        Assert.Equal(code, body.GetProperty("code").GetString());
        Assert.Equal($"urn:mlp:error:{code}", body.GetProperty("type").GetString());
        Assert.Equal(field, body.TryGetProperty("field", out var f) ? f.GetString() : null);
        Assert.Contains(detail, body.GetProperty("detail").GetString()!, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", body.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(expected == 503, response.Headers.RetryAfter is not null);
    }

    [Fact]
    public async Task A_body_that_the_server_itself_refuses_as_too_large_has_the_code_of_that()
    {
        await using var service = await Service.StartAsync();
        var (status, body) = await service.PostAsync("/fails/large", "{}");
        Assert.Equal((413, RequestErrors.TooLarge), (status, body.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task A_model_that_cannot_be_loaded_stops_the_start()
    {
        await Assert.ThrowsAsync<PackageException>(() => Service.StartAsync((builder, folder) => builder.AddModel(Path.Combine(folder, "nothing"))));
    }

    [Fact]
    public async Task A_service_without_models_lives_and_is_not_ready()
    {
        await using var service = await Service.StartAsync((_, _) => { });
        Assert.Equal(200, (await service.GetAsync("/v2/health/live")).Status);
        Assert.Equal(503, (await service.GetAsync("/v2/health/ready")).Status);
        using var health = await service.Client.GetAsync(new Uri("/health", UriKind.Relative));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
    }

    [Fact]
    public void Options_that_cannot_be_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new OpenInferenceOptions { BodyBytesMax = 0 }.Validate());
        Assert.Throws<ArgumentOutOfRangeException>(() => new OpenInferenceOptions { RowsMax = 0 }.Validate());
        Assert.Throws<ArgumentException>(() => new OpenInferenceOptions { ServerName = "" }.Validate());
    }
}
