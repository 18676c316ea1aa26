using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Mlp.AspNetCore.Tests;

public class LeakTests
{
    [Fact]
    public async Task The_health_page_does_not_show_what_an_exception_says()
    {
        var failed = new HealthReportEntry(HealthStatus.Unhealthy, "Host=db;Password=s3cret", TimeSpan.Zero, new InvalidOperationException("Host=db;Password=s3cret"), null);
        var stated = new HealthReportEntry(HealthStatus.Degraded, "The queue is long.", TimeSpan.Zero, new InvalidOperationException("s3cret"), null);
        var context = new DefaultHttpContext();
        using var body = new MemoryStream();
        context.Response.Body = body;
        await HealthJson.WriteAsync(context, new HealthReport(new Dictionary<string, HealthReportEntry> { ["database"] = failed, ["queue"] = stated }, TimeSpan.Zero));
        var text = Encoding.UTF8.GetString(body.ToArray());
        Assert.DoesNotContain("s3cret", text, StringComparison.Ordinal);
        Assert.Contains("\"database\":{\"status\":\"Unhealthy\"", text, StringComparison.Ordinal);
        Assert.Contains("The queue is long.", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"inputs":[{"name":"NAME","shape":[1,3],"datatype":"FP32","data":[1,2,3]}]}""")]
    [InlineData("""{"inputs":[{"name":"features","shape":[1,3],"datatype":"NAME","data":[1,2,3]}]}""")]
    [InlineData("""{"inputs":[{"name":"features","shape":[1,3],"datatype":"FP32","data":[1,2,3]}],"outputs":[{"name":"NAME"}]}""")]
    public async Task A_long_name_does_not_come_back_in_the_error(string body)
    {
        await using var service = await Service.StartAsync();
        var (status, answer) = await service.PostAsync("/v2/models/trees/infer", body.Replace("NAME", new string('n', 1 << 20), StringComparison.Ordinal));
        Assert.Equal(400, status);
        Assert.InRange(answer.GetProperty("error").GetString()!.Length, 1, 500);
    }
}
