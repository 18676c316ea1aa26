using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Mlp.Inference;

/// <summary>What a host counts: loads, memory, and models that came and went for want of it.</summary>
internal static class HostMetrics
{
    private static readonly Histogram<double> LoadTime = ModelMetrics.Meter.CreateHistogram<double>("mlp.inference.load.duration", "s", "Time to prepare and warm a version.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300] });
    private static readonly UpDownCounter<long> Memory = ModelMetrics.Meter.CreateUpDownCounter<long>("mlp.inference.model.memory", "By", "Model file and batch buffers of the versions that are loaded.");
    private static readonly Counter<long> Evictions = ModelMetrics.Meter.CreateCounter<long>("mlp.inference.evictions", "{model}", "Models that were unloaded to make room.");
    private static readonly Counter<long> Reloads = ModelMetrics.Meter.CreateCounter<long>("mlp.inference.reloads", "{model}", "Models that were loaded again because somebody asked for them.");

    public static void Loaded(string model, string version, TimeSpan time, long bytes)
    {
        var tags = Tags(model, version);
        LoadTime.Record(time.TotalSeconds, in tags);
        Memory.Add(bytes, in tags);
    }

    public static void Unloaded(string model, string version, long bytes) => Memory.Add(-bytes, Tags(model, version));

    public static void Evicted(string model, string version) => Evictions.Add(1, Tags(model, version));

    public static void Reloaded(string model, string version) => Reloads.Add(1, Tags(model, version));

    private static TagList Tags(string model, string version) => new() { { "model", model }, { "version", version } };
}
