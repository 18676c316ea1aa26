using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Mlp.Inference;

/// <summary>The measurements of one version of a model. Nothing is allocated, and next to nothing done while nobody listens.</summary>
public sealed class ModelMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Mlp.Inference";

    internal static readonly Meter Meter = new(MeterName);
    private static readonly Counter<long> Requests = Meter.CreateCounter<long>("mlp.inference.requests", "{request}", "Requests that were answered.");
    private static readonly Counter<long> Failures = Meter.CreateCounter<long>("mlp.inference.failures", "{request}", "Requests that ended without an answer, by reason.");
    private static readonly Counter<long> Rejections = Meter.CreateCounter<long>("mlp.inference.rejected", "{request}", "Requests that were refused because the queue was full.");
    private static readonly Histogram<long> BatchRows = Meter.CreateHistogram<long>("mlp.inference.batch.rows", "{row}", "Rows of a batch.", advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256] });
    private static readonly Counter<long> PaddedElements = Meter.CreateCounter<long>("mlp.inference.padding", "{element}", "Places that length buckets filled up, beside those of calls.");
    private static readonly Histogram<double> QueueTime = Meter.CreateHistogram<double>("mlp.inference.queue.duration", "s", "Time from the request to its batch's run.", advice: Durations());
    private static readonly Histogram<double> ExecuteTime = Meter.CreateHistogram<double>("mlp.inference.execute.duration", "s", "Time of a batch's run.", advice: Durations());

    private readonly TagList _tags;
    private readonly TagList _canceled;
    private readonly TagList _deadline;
    private readonly TagList _backend;

    /// <summary>Measurements under a model's name and version.</summary>
    public ModelMetrics(string model, string version)
    {
        Model = model;
        Version = version;
        _tags = new TagList { { "model", model }, { "version", version } };
        _canceled = Reason("canceled");
        _deadline = Reason("deadline");
        _backend = Reason("backend");
    }

    /// <summary>The model's name.</summary>
    public string Model { get; }

    /// <summary>The version's name.</summary>
    public string Version { get; }

    internal static bool WantsQueueTime => QueueTime.Enabled;

    internal static bool WantsExecuteTime => ExecuteTime.Enabled;

    internal void Answered(int requests) => Requests.Add(requests, in _tags);

    internal void Padded(long places) => PaddedElements.Add(places, in _tags);

    internal void Rejected() => Rejections.Add(1, in _tags);

    internal void Canceled() => Failures.Add(1, in _canceled);

    internal void Late() => Failures.Add(1, in _deadline);

    internal void Failed(int requests) => Failures.Add(requests, in _backend);

    internal void Ran(int rows) => BatchRows.Record(rows, in _tags);

    internal void Executed(TimeSpan time) => ExecuteTime.Record(time.TotalSeconds, in _tags);

    internal void Queued(TimeSpan time) => QueueTime.Record(time.TotalSeconds, in _tags);

    private static InstrumentAdvice<double> Durations() => new() { HistogramBucketBoundaries = [1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1, 2.5] };

    private TagList Reason(string reason) => new() { { "model", Model }, { "version", Version }, { "reason", reason } };
}
