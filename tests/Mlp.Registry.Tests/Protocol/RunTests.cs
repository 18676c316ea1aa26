using System.Text.Json;

namespace Mlp.Registry.Tests.Protocol;

public class RunTests
{
    [Fact]
    public async Task A_run_carries_its_identity_twice_its_name_as_a_tag_and_its_times_as_numbers()
    {
        await using var p = await Playground.StartAsync();
        var run = (await p.Wire.Ok("mlflow/runs/create", """{"experiment_id":"0","run_name":"n","start_time":"123","user_id":"u"}""")).GetProperty("run");
        var info = run.GetProperty("info");
        Assert.Equal(info.GetProperty("run_id").GetString(), info.GetProperty("run_uuid").GetString());
        Assert.Equal(JsonValueKind.String, info.GetProperty("experiment_id").ValueKind);
        Assert.Equal(123, info.GetProperty("start_time").GetInt64());
        Assert.Equal("RUNNING", info.GetProperty("status").GetString());
        Assert.False(info.TryGetProperty("end_time", out _));
        Assert.Equal($"mlflow-artifacts:/0/{info.GetProperty("run_id").GetString()}/artifacts", info.GetProperty("artifact_uri").GetString());
        Assert.Equal(("mlflow.runName", "n"), Pair(run.GetProperty("data").GetProperty("tags")[0]));
        Assert.False(run.GetProperty("data").TryGetProperty("metrics", out _));
    }

    [Fact]
    public async Task A_run_ends_with_a_status_and_may_be_asked_for_by_its_old_name()
    {
        await using var p = await Playground.StartAsync();
        var id = await p.Wire.NewRun();
        var info = (await p.Wire.Ok("mlflow/runs/update", $$"""{"run_uuid":"{{id}}","status":"FINISHED","end_time":9,"run_name":"m"}""")).GetProperty("run_info");
        Assert.Equal(("FINISHED", 9L, "m"), (info.GetProperty("status").GetString(), info.GetProperty("end_time").GetInt64(), info.GetProperty("run_name").GetString()));
        Assert.Equal("m", (await p.Wire.Ok($"mlflow/runs/get?run_uuid={id}&run_id={id}")).GetProperty("run").GetProperty("info").GetProperty("run_name").GetString());
        await p.Wire.Refused(400, "INVALID_PARAMETER_VALUE", "mlflow/runs/update", $$"""{"run_id":"{{id}}","status":"DONE"}""");
        await p.Wire.Refused(404, "RESOURCE_DOES_NOT_EXIST", "mlflow/runs/get?run_id=none");
        await p.Wire.Refused(400, "INVALID_PARAMETER_VALUE", "mlflow/runs/get");
    }

    [Fact]
    public async Task Not_a_number_travels_as_a_text_and_infinities_become_the_largest_numbers()
    {
        await using var p = await Playground.StartAsync();
        var id = await p.Wire.NewRun();
        await p.Wire.Ok("mlflow/runs/log-batch", $$"""{"run_id":"{{id}}","metrics":[{"key":"a","value":"NaN","timestamp":1},{"key":"b","value":"Infinity","timestamp":1},{"key":"c","value":"-Infinity","timestamp":"1","step":"2"}]}""");
        var metrics = (await p.Wire.Ok($"mlflow/runs/get?run_id={id}")).GetProperty("run").GetProperty("data").GetProperty("metrics");
        Assert.Equal("NaN", metrics[0].GetProperty("value").GetString());
        Assert.Equal(double.MaxValue, metrics[1].GetProperty("value").GetDouble());
        Assert.Equal(-double.MaxValue, metrics[2].GetProperty("value").GetDouble());
        Assert.Equal(2, metrics[2].GetProperty("step").GetInt64());
    }

    [Fact]
    public async Task The_latest_point_of_a_metric_is_the_one_of_the_highest_step_and_all_points_are_kept_once()
    {
        await using var p = await Playground.StartAsync();
        var id = await p.Wire.NewRun();
        foreach (var (value, step) in ((double, int)[])[(0.1, 1), (0.3, 3), (0.2, 2), (0.2, 2)])
        {
            await p.Wire.Ok("mlflow/runs/log-metric", FormattableString.Invariant($$"""{"run_id":"{{id}}","key":"auc","value":{{value}},"timestamp":5,"step":{{step}}}"""));
        }

        var latest = (await p.Wire.Ok($"mlflow/runs/get?run_id={id}")).GetProperty("run").GetProperty("data").GetProperty("metrics")[0];
        Assert.Equal(0.3, latest.GetProperty("value").GetDouble());
        Assert.Equal(3, (await p.Wire.Ok($"mlflow/metrics/get-history?run_id={id}&metric_key=auc")).GetProperty("metrics").GetArrayLength());
    }

    [Fact]
    public async Task A_metric_s_history_comes_in_pages_of_bounded_length()
    {
        await using var p = await Playground.StartAsync();
        var id = await p.Wire.NewRun();
        var points = string.Join(',', Enumerable.Range(0, 5).Select(i => $$"""{"key":"loss","value":{{i}},"timestamp":{{i}}}"""));
        await p.Wire.Ok("mlflow/runs/log-batch", $$"""{"run_id":"{{id}}","metrics":[{{points}}]}""");
        var asked = $"mlflow/metrics/get-history?run_id={id}&metric_key=loss&max_results=2";
        var values = new List<double>();
        var token = "";
        do
        {
            var page = await p.Wire.Ok($"{asked}&page_token={Uri.EscapeDataString(token)}");
            Assert.InRange(page.GetProperty("metrics").GetArrayLength(), 1, 2);
            values.AddRange(page.GetProperty("metrics").EnumerateArray().Select(m => m.GetProperty("value").GetDouble()));
            token = page.TryGetProperty("next_page_token", out var next) ? next.GetString()! : "";
        }
        while (token.Length > 0);

        Assert.Equal([0, 1, 2, 3, 4], values);
        await p.Wire.Refused(400, "INVALID_PARAMETER_VALUE", $"mlflow/metrics/get-history?run_id={id}&metric_key=loss&max_results=25001");
    }

    [Fact]
    public async Task A_parameter_never_changes_and_a_tag_does()
    {
        await using var p = await Playground.StartAsync();
        var id = await p.Wire.NewRun();
        await p.Wire.Ok("mlflow/runs/log-parameter", $$"""{"run_id":"{{id}}","key":"trees","value":"10"}""");
        await p.Wire.Ok("mlflow/runs/log-parameter", $$"""{"run_id":"{{id}}","key":"trees","value":"10"}""");
        await p.Wire.Refused(400, "INVALID_PARAMETER_VALUE", "mlflow/runs/log-parameter", $$"""{"run_id":"{{id}}","key":"trees","value":"11"}""");
        await p.Wire.Ok("mlflow/runs/set-tag", $$"""{"run_id":"{{id}}","key":"t","value":"1"}""");
        await p.Wire.Ok("mlflow/runs/set-tag", $$"""{"run_id":"{{id}}","key":"t","value":"2"}""");
        var data = (await p.Wire.Ok($"mlflow/runs/get?run_id={id}")).GetProperty("run").GetProperty("data");
        Assert.Equal(("trees", "10"), Pair(data.GetProperty("params")[0]));
        Assert.Contains(("t", "2"), data.GetProperty("tags").EnumerateArray().Select(Pair));
    }

    [Fact]
    public async Task A_batch_is_all_or_nothing_and_bounded()
    {
        await using var p = await Playground.StartAsync();
        var id = await p.Wire.NewRun();
        await p.Wire.Ok("mlflow/runs/log-parameter", $$"""{"run_id":"{{id}}","key":"z","value":"1"}""");
        await p.Wire.Refused(400, "INVALID_PARAMETER_VALUE", "mlflow/runs/log-batch", $$"""{"run_id":"{{id}}","params":[{"key":"a","value":"1"},{"key":"z","value":"2"}]}""");
        Assert.Equal(1, (await p.Wire.Ok($"mlflow/runs/get?run_id={id}")).GetProperty("run").GetProperty("data").GetProperty("params").GetArrayLength());
        var many = string.Join(',', Enumerable.Range(0, 101).Select(i => $$"""{"key":"k{{i}}","value":"1"}"""));
        await p.Wire.Refused(400, "INVALID_PARAMETER_VALUE", "mlflow/runs/log-batch", $$"""{"run_id":"{{id}}","params":[{{many}}]}""");
        await p.Wire.Refused(400, "INVALID_PARAMETER_VALUE", "mlflow/runs/log-batch", $$"""{"run_id":"{{id}}","tags":[{"key":"../up","value":"1"}]}""");
        await p.Wire.Refused(400, "INVALID_PARAMETER_VALUE", "mlflow/runs/set-tag", $$"""{"run_id":"{{id}}","key":"t","value":"{{new string('x', 5001)}}"}""");
    }

    [Fact]
    public async Task A_value_of_a_parameter_that_is_too_long_is_cut_as_MLflow_cuts_it()
    {
        await using var p = await Playground.StartAsync();
        var id = await p.Wire.NewRun();
        await p.Wire.Ok("mlflow/runs/log-parameter", $$"""{"run_id":"{{id}}","key":"p","value":"{{new string('x', 6001)}}"}""");
        Assert.Equal(6000, (await p.Wire.Ok($"mlflow/runs/get?run_id={id}")).GetProperty("run").GetProperty("data").GetProperty("params")[0].GetProperty("value").GetString()!.Length);
    }

    [Fact]
    public async Task Pages_of_a_search_hold_every_run_once_and_a_token_fits_no_other_search()
    {
        await using var p = await Playground.StartAsync();
        for (var i = 0; i < 7; i++)
        {
            await p.Wire.Ok("mlflow/runs/create", $$"""{"experiment_id":"0","run_name":"r{{i}}","start_time":{{i}}}""");
        }

        var names = new List<string>();
        var token = "";
        string? first = null;
        do
        {
            var page = await p.Wire.Ok("mlflow/runs/search", $$"""{"experiment_ids":["0"],"max_results":3,"page_token":"{{token}}","order_by":["attributes.start_time DESC"]}""");
            names.AddRange(page.GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("info").GetProperty("run_name").GetString()!));
            token = page.TryGetProperty("next_page_token", out var next) ? next.GetString()! : "";
            first ??= token;
        }
        while (token.Length > 0);

        Assert.Equal(["r6", "r5", "r4", "r3", "r2", "r1", "r0"], names);
        await p.Wire.Refused(400, "INVALID_PARAMETER_VALUE", "mlflow/runs/search", $$"""{"experiment_ids":["1"],"page_token":"{{first}}"}""");
        await p.Wire.Refused(400, "INVALID_PARAMETER_VALUE", "mlflow/runs/search", """{"experiment_ids":["0"],"page_token":"%%%"}""");
        await p.Wire.Refused(400, "INVALID_PARAMETER_VALUE", "mlflow/runs/search", """{"experiment_ids":["0"],"filter":"metrics.auc > 0.5"}""");
        await p.Wire.Refused(400, "INVALID_PARAMETER_VALUE", "mlflow/runs/search", """{"experiment_ids":["0"],"order_by":["metrics.auc"]}""");
        await p.Wire.Refused(400, "INVALID_PARAMETER_VALUE", "mlflow/runs/search", """{"experiment_ids":["0"],"max_results":50001}""");
        Assert.Empty((await p.Wire.Ok("mlflow/runs/search", "{}")).EnumerateObject());
    }

    private static (string?, string?) Pair(JsonElement pair) => (pair.GetProperty("key").GetString(), pair.GetProperty("value").GetString());
}
