using System.Net;
using System.Text;
using Mlp.Registry.Client;

namespace Mlp.Registry.Tests.Client;

public class AttemptTests
{
    [Fact]
    public async Task A_request_is_tried_again_after_a_passing_failure_and_only_so_often()
    {
        await using var p = await Playground.StartAsync();
        using var twice = new FlakyHandler((_, n) => n <= 2 ? FlakyHandler.Status(HttpStatusCode.ServiceUnavailable) : null);
        await p.Connect("c", o => o with { Handler = twice, RetriesMax = 2 }).ListVersionsAsync("m");
        Assert.Equal(3, twice.Count);

        using var always = new FlakyHandler((_, _) => FlakyHandler.Status(HttpStatusCode.BadGateway));
        var error = await Assert.ThrowsAsync<RegistryException>(() => p.Connect("c", o => o with { Handler = always, RetriesMax = 2 }).ListVersionsAsync("m"));
        Assert.Equal((RegistryErrors.Unreachable, 502, 3), (error.Code, error.Status, always.Count));
    }

    [Fact]
    public async Task A_refusal_is_not_tried_again()
    {
        await using var p = await Playground.StartAsync();
        using var counter = new FlakyHandler((_, _) => null);
        await Assert.ThrowsAsync<RegistryException>(() => p.Connect("c", o => o with { Handler = counter, RetriesMax = 5 }).GetRunAsync("none"));
        Assert.Equal(1, counter.Count);
    }

    [Fact]
    public async Task A_run_whose_start_may_have_arrived_is_not_started_again()
    {
        await using var p = await Playground.StartAsync();
        using var lost = new FlakyHandler((request, _) => request.RequestUri!.AbsolutePath.EndsWith("runs/create", StringComparison.Ordinal)
            ? throw new HttpRequestException(HttpRequestError.ResponseEnded, "cut off") : null);
        await Assert.ThrowsAsync<RegistryException>(() => p.Connect("c", o => o with { Handler = lost, RetriesMax = 5 }).StartRunAsync("Default", "r"));
        Assert.Equal(2, lost.Count);

        using var refused = new FlakyHandler((_, n) => n == 2 ? throw new HttpRequestException(HttpRequestError.ConnectionError, "nobody there") : null);
        Assert.NotNull(await p.Connect("c", o => o with { Handler = refused, RetriesMax = 5 }).StartRunAsync("Default", "r"));
    }

    [Fact]
    public async Task A_server_that_never_answers_is_given_up_on_and_the_last_known_answer_used()
    {
        await using var p = await Playground.StartAsync();
        await p.PublishAsync();
        await p.Wire.Ok("mlflow/registered-models/alias", """{"name":"flight-delay","alias":"production","version":"1"}""");
        await p.Client.ResolveAsync("flight-delay", "production");
        using var silent = new SilentHandler();
        var client = p.Connect("cache", o => o with { Handler = silent, RequestTimeout = TimeSpan.FromMilliseconds(20), RetriesMax = 1 });
        Assert.True((await client.ResolveAsync("flight-delay", "production")).FromCache);
        Assert.Equal(RegistryErrors.Unreachable, (await Assert.ThrowsAsync<RegistryException>(() => client.GetRunAsync("r"))).Code);
    }

    [Fact]
    public async Task Cancellation_is_not_taken_for_an_absent_server()
    {
        await using var p = await Playground.StartAsync();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => p.Client.ResolveAsync("flight-delay", "production", cancelled.Token));
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"model_version":{"name":"m","version":"1","tags":[{"key":"mlp.package","value":"../../etc"}]}}""")]
    [InlineData("""{"model_version":{"name":"m","version":1}}""")]
    [InlineData("""{"model_version":{"name":"m","version":"1","creation_timestamp":9223372036854775807}}""")]
    public async Task An_answer_that_is_none_is_a_typed_error(string body)
    {
        await using var p = await Playground.StartAsync();
        using var liar = new FlakyHandler((_, _) => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(body, Encoding.UTF8, "application/json") });
        var error = await Assert.ThrowsAsync<RegistryException>(() => p.Connect("c", o => o with { Handler = liar }).ResolveAsync("m", "production"));
        Assert.Equal(RegistryErrors.BadAnswer, error.Code);
    }

    [Fact]
    public async Task An_answer_without_end_is_cut_off()
    {
        await using var p = await Playground.StartAsync();
        using var endless = new FlakyHandler((_, _) => new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(new byte[100_000]) });
        var error = await Assert.ThrowsAsync<RegistryException>(() => p.Connect("c", o => o with { Handler = endless, AnswerBytesMax = 1000 }).GetRunAsync("r"));
        Assert.Equal(RegistryErrors.BadAnswer, error.Code);
    }

    private sealed class SilentHandler : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException("never reached");
        }
    }
}
