namespace Mlp.Registry.Tests.Protocol;

public class ExperimentTests
{
    [Fact]
    public async Task The_default_experiment_is_there_from_the_start()
    {
        await using var p = await Playground.StartAsync();
        var experiment = (await p.Wire.Ok("mlflow/experiments/get?experiment_id=0")).GetProperty("experiment");
        Assert.Equal("Default", experiment.GetProperty("name").GetString());
        Assert.Equal("active", experiment.GetProperty("lifecycle_stage").GetString());
        Assert.False(experiment.TryGetProperty("tags", out _));
    }

    [Fact]
    public async Task An_experiment_is_found_by_its_identity_and_by_its_name()
    {
        await using var p = await Playground.StartAsync();
        var created = await p.Wire.Ok("mlflow/experiments/create", """{"name":"é/1","tags":[{"key":"a","value":"b"}],"unknown":1}""");
        var id = created.GetProperty("experiment_id").GetString();
        foreach (var path in (string[])[$"mlflow/experiments/get?experiment_id={id}", $"mlflow/experiments/get-by-name?experiment_name={Uri.EscapeDataString("é/1")}"])
        {
            var found = (await p.Wire.Ok(path)).GetProperty("experiment");
            Assert.Equal((id, "é/1"), (found.GetProperty("experiment_id").GetString(), found.GetProperty("name").GetString()));
            Assert.Equal("b", found.GetProperty("tags")[0].GetProperty("value").GetString());
            Assert.Equal(System.Text.Json.JsonValueKind.Number, found.GetProperty("creation_time").ValueKind);
        }
    }

    [Fact]
    public async Task Refusals_have_the_codes_and_statuses_of_MLflow()
    {
        await using var p = await Playground.StartAsync();
        await p.Wire.Refused(400, "RESOURCE_ALREADY_EXISTS", "mlflow/experiments/create", """{"name":"Default"}""");
        await p.Wire.Refused(404, "RESOURCE_DOES_NOT_EXIST", "mlflow/experiments/get?experiment_id=77");
        await p.Wire.Refused(404, "RESOURCE_DOES_NOT_EXIST", "mlflow/experiments/get?experiment_id=0x0");
        await p.Wire.Refused(400, "INVALID_PARAMETER_VALUE", "mlflow/experiments/search?filter=name%20LIKE%20'a'");
        await p.Wire.Refused(400, "INVALID_PARAMETER_VALUE", "mlflow/experiments/search?max_results=0");
        await p.Wire.Refused(400, "BAD_REQUEST", "mlflow/experiments/create", "{");
        await p.Wire.Refused(400, "BAD_REQUEST", "mlflow/experiments/create", "[]");
    }

    [Fact]
    public async Task A_missing_and_a_wrong_parameter_are_named_as_MLflow_names_them()
    {
        await using var p = await Playground.StartAsync();
        var (_, missing) = await p.Wire.Post("mlflow/experiments/create", "{}");
        Assert.StartsWith("Missing value for required parameter 'name'", missing.GetProperty("message").GetString(), StringComparison.Ordinal);
        var (_, wrong) = await p.Wire.Post("mlflow/experiments/create", """{"name":123}""");
        Assert.StartsWith("Invalid value 123 for parameter 'name'", wrong.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_is_not_declared_as_JSON_is_refused()
    {
        await using var p = await Playground.StartAsync();
        using var content = new StringContent("""{"name":"x"}""", System.Text.Encoding.UTF8, "text/plain");
        using var response = await p.Wire.Http.PostAsync(new Uri("/api/2.0/mlflow/experiments/create", UriKind.Relative), content);
        Assert.Equal(400, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_longer_body_than_allowed_is_refused_whether_or_not_it_states_its_length()
    {
        await using var p = await Playground.StartAsync(o => o with { Limits = new() { JsonBytesMax = 1000 } });
        var body = $$"""{"name":"{{new string('x', 5000)}}"}""";
        await p.Wire.Refused(413, "INVALID_PARAMETER_VALUE", "mlflow/experiments/create", body);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/2.0/mlflow/experiments/create") { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        request.Headers.TransferEncodingChunked = true;
        using var response = await p.Wire.Http.SendAsync(request);
        Assert.Equal(413, (int)response.StatusCode);
        Assert.Contains("INVALID_PARAMETER_VALUE", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_and_version_answer_as_text_and_MLflow_answers_under_both_prefixes()
    {
        await using var p = await Playground.StartAsync();
        Assert.Equal("OK", await p.Wire.Http.GetStringAsync(new Uri("/health", UriKind.Relative)));
        Assert.NotEmpty(await p.Wire.Http.GetStringAsync(new Uri("/version", UriKind.Relative)));
        Assert.Contains("Default", await p.Wire.Http.GetStringAsync(new Uri("/ajax-api/2.0/mlflow/experiments/get?experiment_id=0", UriKind.Relative)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_that_looks_like_SQL_is_a_text()
    {
        await using var p = await Playground.StartAsync();
        const string Name = "'); DROP TABLE runs; --";
        await p.Wire.Ok("mlflow/experiments/create", $$"""{"name":"{{Name}}"}""");
        Assert.Equal(Name, (await p.Wire.Ok("mlflow/experiments/get-by-name?experiment_name=" + Uri.EscapeDataString(Name))).GetProperty("experiment").GetProperty("name").GetString());
        await p.Wire.NewRun();
    }
}
