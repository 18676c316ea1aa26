using System.Net;

namespace Mlp.Registry.Tests;

/// <summary>Stands between client and server: counts requests, and answers some itself.</summary>
internal sealed class FlakyHandler(Func<HttpRequestMessage, int, HttpResponseMessage?> answer) : DelegatingHandler(new SocketsHttpHandler())
{
    private int _count;

    public int Count => _count;

    public static HttpResponseMessage Status(HttpStatusCode status) => new(status) { Content = new ByteArrayContent([]) };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        answer(request, Interlocked.Increment(ref _count)) ?? await base.SendAsync(request, cancellationToken);
}
