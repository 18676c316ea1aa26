using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Mlp.Registry.Tests;

/// <summary>The registry as any HTTP client sees it.</summary>
internal sealed class Wire : IDisposable
{
    public Wire(Uri address, string? token)
    {
        Http = new HttpClient { BaseAddress = address };
        if (token is not null)
        {
            Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    public HttpClient Http { get; }

    public Task<(int Status, JsonElement Body)> Get(string path) => Send(HttpMethod.Get, path, null);

    public Task<(int Status, JsonElement Body)> Post(string path, string json) => Send(HttpMethod.Post, path, json);

    public async Task<(int Status, JsonElement Body)> Send(HttpMethod method, string path, string? json)
    {
        using var request = new HttpRequestMessage(method, "/api/2.0/" + path);
        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        using var response = await Http.SendAsync(request);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        using var document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
        return ((int)response.StatusCode, document.RootElement.Clone());
    }

    /// <summary>Posts what must succeed.</summary>
    public async Task<JsonElement> Ok(string path, string json)
    {
        var (status, body) = await Post(path, json);
        Assert.True(status == 200, body.GetRawText());
        return body;
    }

    /// <summary>Gets what must succeed.</summary>
    public async Task<JsonElement> Ok(string path)
    {
        var (status, body) = await Get(path);
        Assert.True(status == 200, body.GetRawText());
        return body;
    }

    public async Task Refused(int status, string errorCode, string path, string? json = null, HttpMethod? method = null)
    {
        var (came, body) = await Send(method ?? (json is null ? HttpMethod.Get : HttpMethod.Post), path, json);
        Assert.Equal((status, errorCode), (came, body.GetProperty("error_code").GetString()));
        Assert.NotEmpty(body.GetProperty("message").GetString()!);
    }

    public async Task<string> NewRun(string name = "r") =>
        (await Ok("mlflow/runs/create", $$"""{"experiment_id":"0","run_name":"{{name}}"}""")).GetProperty("run").GetProperty("info").GetProperty("run_id").GetString()!;

    public void Dispose() => Http.Dispose();
}
