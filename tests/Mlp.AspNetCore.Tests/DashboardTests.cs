using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Mlp.Inference;

namespace Mlp.AspNetCore.Tests;

public partial class DashboardTests
{
    [Fact]
    public async Task Every_metric_of_the_dashboard_is_one_of_the_meter_s_and_all_are_shown()
    {
        await using var service = await Service.StartAsync();
        await service.PostAsync("/v2/models/trees/infer", """{"inputs":[{"name":"features","shape":[1,3],"datatype":"FP32","data":[1,2,3]}]}""");
        var series = new HashSet<string>(StringComparer.Ordinal);
        var instruments = new Dictionary<string, string[]>(StringComparer.Ordinal);
        using (var listener = new MeterListener())
        {
            listener.InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == ModelMetrics.MeterName)
                {
                    instruments[instrument.Name] = SeriesOf(instrument);
                    series.UnionWith(instruments[instrument.Name]);
                }
            };
            listener.Start();
        }

        var used = Expressions().SelectMany(e => MetricName().Matches(e)).Select(m => m.Value).ToHashSet(StringComparer.Ordinal);
        Assert.NotEmpty(used);
        Assert.Empty(used.Except(series));
        Assert.Empty(instruments.Where(i => !i.Value.Any(used.Contains)).Select(i => i.Key));

        // How names become series is the exporter's business: what was counted by now has to be on its page under those names.
        var page = await service.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        foreach (var name in new[] { "mlp_inference_requests_total", "mlp_inference_batch_rows_bucket", "mlp_inference_execute_duration_seconds_bucket", "mlp_inference_queue_duration_seconds_bucket", "mlp_inference_model_memory_bytes", "mlp_inference_load_duration_seconds_bucket" })
        {
            Assert.Contains(name, series);
            Assert.Matches($"(?m)^{name}\\{{.*model=\"trees\"", page);
        }
    }

    private static string[] SeriesOf(Instrument instrument)
    {
        var unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        var name = instrument.Name.Replace('.', '_') + unit;
        return instrument switch
        {
            Counter<long> => [$"{name}_total"],
            Histogram<long> or Histogram<double> => [$"{name}_bucket", $"{name}_sum", $"{name}_count"],
            _ => [name],
        };
    }

    private static IEnumerable<string> Expressions()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Dashboards", "mlp-inference.json")));
        var root = json.RootElement.Clone();
        return root.GetProperty("panels").EnumerateArray().SelectMany(p => p.GetProperty("targets").EnumerateArray()).Select(t => t.GetProperty("expr").GetString()!)
            .Concat(root.GetProperty("templating").GetProperty("list").EnumerateArray().Select(v => v.GetProperty("query").GetString()!));
    }

    [GeneratedRegex("mlp_[a-z_]+")]
    private static partial Regex MetricName();
}
