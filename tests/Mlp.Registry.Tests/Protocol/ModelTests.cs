using System.Text.Json;

namespace Mlp.Registry.Tests.Protocol;

public class ModelTests
{
    [Fact]
    public async Task A_version_is_a_text_and_a_number_is_never_given_twice()
    {
        await using var p = await Playground.StartAsync();
        await p.Wire.Ok("mlflow/registered-models/create", """{"name":"m"}""");
        for (var i = 1; i <= 3; i++)
        {
            Assert.Equal($"{i}", await NewVersion(p));
        }

        var (status, body) = await p.Wire.Send(HttpMethod.Delete, "mlflow/model-versions/delete", """{"name":"m","version":"3"}""");
        Assert.Equal((200, "{}"), (status, body.GetRawText()));
        Assert.Equal("4", await NewVersion(p));
        await p.Wire.Refused(404, "RESOURCE_DOES_NOT_EXIST", "mlflow/model-versions/get?name=m&version=3");
        await p.Wire.Refused(400, "INVALID_PARAMETER_VALUE", "mlflow/model-versions/get?name=m&version=three");
    }

    [Fact]
    public async Task A_missing_alias_is_a_wrong_parameter_and_a_missing_model_a_missing_resource()
    {
        await using var p = await Playground.StartAsync();
        await p.Wire.Ok("mlflow/registered-models/create", """{"name":"m"}""");
        await p.Wire.Refused(400, "INVALID_PARAMETER_VALUE", "mlflow/registered-models/alias?name=m&alias=production");
        await p.Wire.Refused(404, "RESOURCE_DOES_NOT_EXIST", "mlflow/registered-models/get?name=other");
        await p.Wire.Refused(400, "RESOURCE_ALREADY_EXISTS", "mlflow/registered-models/create", """{"name":"m"}""");
        await p.Wire.Refused(404, "RESOURCE_DOES_NOT_EXIST", "mlflow/model-versions/create", """{"name":"other","source":"s3://b/c"}""");
    }

    [Fact]
    public async Task An_alias_moves_is_listed_and_is_deleted_as_often_as_one_likes()
    {
        await using var p = await Playground.StartAsync();
        await p.Wire.Ok("mlflow/registered-models/create", """{"name":"m","tags":[{"key":"k","value":"v"}],"description":"d"}""");
        await NewVersion(p);
        await NewVersion(p);
        await p.Wire.Ok("mlflow/registered-models/alias", """{"name":"m","alias":"best","version":"1"}""");
        await p.Wire.Ok("mlflow/registered-models/alias", """{"name":"m","alias":"best","version":"2"}""");
        var version = (await p.Wire.Ok("mlflow/registered-models/alias?name=m&alias=best")).GetProperty("model_version");
        Assert.Equal("2", version.GetProperty("version").GetString());
        Assert.Equal("best", version.GetProperty("aliases")[0].GetString());
        Assert.Equal("READY", version.GetProperty("status").GetString());
        Assert.Equal("None", version.GetProperty("current_stage").GetString());
        var model = (await p.Wire.Ok("mlflow/registered-models/get?name=m")).GetProperty("registered_model");
        Assert.Equal("2", model.GetProperty("aliases")[0].GetProperty("version").GetString());
        Assert.Equal("2", model.GetProperty("latest_versions")[0].GetProperty("version").GetString());
        Assert.Equal(JsonValueKind.Number, model.GetProperty("creation_timestamp").ValueKind);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(200, (await p.Wire.Send(HttpMethod.Delete, "mlflow/registered-models/alias", """{"name":"m","alias":"best"}""")).Status);
        }

        await p.Wire.Refused(400, "INVALID_PARAMETER_VALUE", "mlflow/registered-models/alias?name=m&alias=best");
    }

    [Theory]
    [InlineData("latest")]
    [InlineData("v1")]
    [InlineData("a b")]
    [InlineData("a/b")]
    public async Task A_reserved_or_malformed_alias_is_refused(string alias)
    {
        await using var p = await Playground.StartAsync();
        await p.Wire.Ok("mlflow/registered-models/create", """{"name":"m"}""");
        await NewVersion(p);
        await p.Wire.Refused(400, "INVALID_PARAMETER_VALUE", "mlflow/registered-models/alias", $$"""{"name":"m","alias":"{{alias}}","version":"1"}""");
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("file:///etc/passwd")]
    [InlineData("C:\\\\x")]
    [InlineData("s3://b/../c")]
    [InlineData("s3://b/%2e%2e/c")]
    [InlineData("s3://b/%252e%252e/c")]
    [InlineData("mlp:/packages/x")]
    [InlineData("relative/path")]
    public async Task A_source_that_is_local_or_goes_up_is_refused(string source)
    {
        await using var p = await Playground.StartAsync();
        await p.Wire.Ok("mlflow/registered-models/create", """{"name":"m"}""");
        await p.Wire.Refused(400, "INVALID_PARAMETER_VALUE", "mlflow/model-versions/create", $$"""{"name":"m","source":"{{source}}"}""");
    }

    [Fact]
    public async Task The_tag_of_a_package_cannot_be_forged()
    {
        await using var p = await Playground.StartAsync();
        await p.Wire.Ok("mlflow/registered-models/create", """{"name":"m"}""");
        await p.Wire.Refused(400, "INVALID_PARAMETER_VALUE", "mlflow/model-versions/create", """{"name":"m","source":"s3://b/c","tags":[{"key":"mlp.package","value":"sha256:0"}]}""");
    }

    [Fact]
    public async Task A_search_by_name_is_supported_and_any_other_filter_refused()
    {
        await using var p = await Playground.StartAsync();
        foreach (var name in (string[])["a", "b", "c"])
        {
            await p.Wire.Ok("mlflow/registered-models/create", $$"""{"name":"{{name}}"}""");
            await p.Wire.Ok("mlflow/model-versions/create", $$"""{"name":"{{name}}","source":"s3://b/{{name}}"}""");
        }

        var found = (await p.Wire.Ok("mlflow/model-versions/search?filter=" + Uri.EscapeDataString("name='b'"))).GetProperty("model_versions");
        Assert.Equal("b", Assert.Single(found.EnumerateArray()).GetProperty("name").GetString());
        var page = await p.Wire.Ok("mlflow/registered-models/search?max_results=2");
        Assert.Equal(["a", "b"], page.GetProperty("registered_models").EnumerateArray().Select(m => m.GetProperty("name").GetString()));
        page = await p.Wire.Ok("mlflow/registered-models/search?max_results=2&page_token=" + Uri.EscapeDataString(page.GetProperty("next_page_token").GetString()!));
        Assert.Equal(["c"], page.GetProperty("registered_models").EnumerateArray().Select(m => m.GetProperty("name").GetString()));
        Assert.False(page.TryGetProperty("next_page_token", out _));
        await p.Wire.Refused(400, "INVALID_PARAMETER_VALUE", "mlflow/model-versions/search?filter=" + Uri.EscapeDataString("run_id='b'"));
        await p.Wire.Refused(400, "INVALID_PARAMETER_VALUE", "mlflow/registered-models/search?filter=" + Uri.EscapeDataString("name ILIKE '%b'"));
        await p.Wire.Refused(400, "INVALID_PARAMETER_VALUE", "mlflow/registered-models/search?max_results=1001");
    }

    private static async Task<string?> NewVersion(Playground p) =>
        (await p.Wire.Ok("mlflow/model-versions/create", """{"name":"m","source":"s3://bucket/model"}""")).GetProperty("model_version").GetProperty("version").GetString();
}
