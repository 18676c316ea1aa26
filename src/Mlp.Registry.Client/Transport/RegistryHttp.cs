using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Polly;

namespace Mlp.Registry.Client;

/// <summary>Requests with a time-out and a bounded number of attempts; every failure is a <see cref="RegistryException"/>.</summary>
internal sealed class RegistryHttp : IDisposable
{
    private static readonly MediaTypeHeaderValue JsonType = new("application/json");

    private readonly HttpClient _http;
    private readonly int _answerBytesMax;
    private readonly string _server;
    private readonly ResiliencePipeline _requests;
    private readonly ResiliencePipeline _onceArrived;
    private readonly ResiliencePipeline _transfers;

    public RegistryHttp(RegistryEndpoint endpoint)
    {
        // No redirects: the token goes to the server that was named and to no other.
        _http = endpoint.Handler is { } handler
            ? new HttpClient(handler, disposeHandler: false)
            : new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(2), ConnectTimeout = endpoint.RequestTimeout });
        _http.Timeout = Timeout.InfiniteTimeSpan;
        _http.BaseAddress = new Uri(endpoint.Server.AbsoluteUri.TrimEnd('/') + "/api/2.0/");
        if (endpoint.Token is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", endpoint.Token);
        }

        _server = endpoint.Server.GetLeftPart(UriPartial.Authority);
        _answerBytesMax = endpoint.AnswerBytesMax;
        _requests = Attempts.Pipeline(endpoint, endpoint.RequestTimeout, Attempts.Repeatable);
        _onceArrived = Attempts.Pipeline(endpoint, endpoint.RequestTimeout, Attempts.NeverArrived);
        _transfers = Attempts.Pipeline(endpoint, endpoint.TransferTimeout, Attempts.Repeatable);
    }

    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> answer, CancellationToken cancellationToken) =>
        SendAsync(_requests, () => new HttpRequestMessage(HttpMethod.Get, path), (response, cancel) => JsonAsync(response, answer, cancel), cancellationToken);

    /// <summary>Posts what may safely arrive twice.</summary>
    public Task<TAnswer> PostAsync<TBody, TAnswer>(string path, TBody body, JsonTypeInfo<TBody> json, JsonTypeInfo<TAnswer> answer, CancellationToken cancellationToken) =>
        SendAsync(_requests, () => Post(path, body, json), (response, cancel) => JsonAsync(response, answer, cancel), cancellationToken);

    /// <summary>Posts what must not arrive twice: tried again only where the server surely has not taken it.</summary>
    public Task<TAnswer> PostOnceAsync<TBody, TAnswer>(string path, TBody body, JsonTypeInfo<TBody> json, JsonTypeInfo<TAnswer> answer, CancellationToken cancellationToken) =>
        SendAsync(_onceArrived, () => Post(path, body, json), (response, cancel) => JsonAsync(response, answer, cancel), cancellationToken);

    /// <summary>Gets bytes and hands the answer to a reader, again from the start on every attempt.</summary>
    public Task<T> DownloadAsync<T>(string path, Func<HttpResponseMessage, CancellationToken, Task<T>> read, CancellationToken cancellationToken) =>
        SendAsync(_transfers, () => new HttpRequestMessage(HttpMethod.Get, path), read, cancellationToken);

    /// <summary>Puts bytes that an opener gives, again from the start on every attempt.</summary>
    public Task UploadAsync(string path, Func<Stream> open, CancellationToken cancellationToken) =>
        SendAsync(
            _transfers,
            () =>
            {
                // The server may refuse before the body is sent.
                var request = new HttpRequestMessage(HttpMethod.Put, path) { Content = new StreamContent(open()) };
                request.Headers.ExpectContinue = true;
                return request;
            },
            (response, cancel) => JsonAsync(response, WireJson.Default.EmptyBody, cancel), cancellationToken);

    /// <summary>The length of what is there, or null where there is nothing.</summary>
    public async Task<long?> LengthAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await SendAsync(_requests, () => new HttpRequestMessage(HttpMethod.Head, path), static (response, _) => Task.FromResult(response.Content.Headers.ContentLength), cancellationToken).ConfigureAwait(false);
        }
        catch (RegistryException e) when (e.Status == (int)HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<T> SendAsync<T>(
        ResiliencePipeline pipeline, Func<HttpRequestMessage> create, Func<HttpResponseMessage, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        try
        {
            return await pipeline.ExecuteAsync(
                async cancel =>
                {
                    using var request = create();
                    using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel).ConfigureAwait(false);
                    if (response.StatusCode != HttpStatusCode.OK)
                    {
                        throw await RefusalAsync(response, cancel).ConfigureAwait(false);
                    }

                    return await read(response, cancel).ConfigureAwait(false);
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (Attempts.IsNoAnswer(e))
        {
            throw new RegistryException(RegistryErrors.Unreachable, $"The registry {_server} gives no answer: {e.Message}", e);
        }
    }

    private static HttpRequestMessage Post<T>(string path, T body, JsonTypeInfo<T> json)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, json));
        content.Headers.ContentType = JsonType;
        return new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
    }

    private async Task<T> JsonAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> json, CancellationToken cancellationToken)
    {
        var bytes = await BoundedBody.ReadAsync(response, _answerBytesMax, cancellationToken).ConfigureAwait(false);
        try
        {
            return JsonSerializer.Deserialize(bytes, json) ?? throw BadAnswer(response, null);
        }
        catch (JsonException e)
        {
            throw BadAnswer(response, e);
        }
    }

    private async Task<RegistryException> RefusalAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var bytes = await BoundedBody.ReadAsync(response, _answerBytesMax, cancellationToken).ConfigureAwait(false);
        ErrorBody? body = null;
        if (response.Content.Headers.ContentType?.MediaType == "application/json" && bytes.Length > 0)
        {
            try
            {
                body = JsonSerializer.Deserialize(bytes, WireJson.Default.ErrorBody);
            }
            catch (JsonException e)
            {
                return BadAnswer(response, e);
            }
        }

        var status = (int)response.StatusCode;
        return new RegistryException(Refusals.Code(body?.ErrorCode, status), $"The registry {_server} refuses ({status} {body?.ErrorCode}): {Refusals.Shorten(body?.Message ?? response.ReasonPhrase)}")
        {
            ServerCode = body?.ErrorCode,
            Status = status,
        };
    }

    private RegistryException BadAnswer(HttpResponseMessage response, Exception? cause) =>
        new(RegistryErrors.BadAnswer, $"{_server}{response.RequestMessage?.RequestUri?.AbsolutePath}: the answer is not the JSON that a registry gives.", cause) { Status = (int)response.StatusCode };
}
