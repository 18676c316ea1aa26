using System.Net;
using System.Text;
using System.Text.Json;
using Mlp.Registry.Client;
using Mlp.Registry.Server;

namespace Mlp.Registry.Tests.Access;

public sealed class TokenTests
{
    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("s3cret\n")]
    [InlineData("s3cret\r\nX-Other: 1")]
    [InlineData("schlüssel")]
    public void A_token_that_no_header_can_carry_is_refused_on_both_sides_and_not_shown(string token)
    {
        var client = new RegistryClientOptions { Server = new Uri("http://localhost"), CacheFolder = "c", Token = token };
        var server = new RegistryServerOptions { Folder = "f", Token = token };
        foreach (var validate in (Action[])[client.Validate, server.Validate])
        {
            var error = Assert.Throws<ArgumentException>(validate);
            Assert.Equal("Token", error.ParamName);
            Assert.True(token.Length == 0 || !error.Message.Contains(token.Trim(), StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("http://localhost/?token=s3cret")]
    [InlineData("http://localhost/#s3cret")]
    [InlineData("http://user:s3cret@localhost/")]
    public void An_address_with_more_than_a_place_in_it_is_refused_and_not_shown(string address)
    {
        var error = Assert.Throws<ArgumentException>(new RegistryClientOptions { Server = new Uri(address), CacheFolder = "c" }.Validate);
        Assert.DoesNotContain("s3cret", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Bearer s3cret", 200)]
    [InlineData("bearer s3cret", 200)]
    [InlineData("Bearer s3cre", 401)]
    [InlineData("Bearer s3cretx", 401)]
    [InlineData("Bearer S3CRET", 401)]
    [InlineData("Bearer ", 401)]
    [InlineData("Basic s3cret", 401)]
    [InlineData("s3cret", 401)]
    [InlineData(null, 401)]
    public async Task Only_the_token_itself_opens(string? header, int status)
    {
        await using var p = await Playground.StartAsync(o => o with { Token = "s3cret" });
        using var http = new HttpClient { BaseAddress = p.Server.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/2.0/mlflow/registered-models/search");
        if (header is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", header);
        }

        using var answer = await http.SendAsync(request);
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task What_a_server_says_without_end_does_not_fill_the_log()
    {
        var body = JsonSerializer.Serialize(new { error_code = "INVALID_PARAMETER_VALUE", message = new string('x', 1_000_000) });
        await using var p = await Playground.StartAsync();
        using var handler = new FlakyHandler((_, _) => new HttpResponseMessage(HttpStatusCode.BadRequest) { Content = new StringContent(body, Encoding.UTF8, "application/json") });
        var client = p.Connect("other", o => o with { Handler = handler });
        var error = await Assert.ThrowsAsync<RegistryException>(() => client.StartRunAsync("e", "r"));
        Assert.InRange(error.Message.Length, 1000, 1200);
    }
}
