using System.Diagnostics;
using Mlp.Features;

namespace Mlp.Benchmarks;

/// <summary>Events into windows: six aggregates over three windows of a hundred thousand entities, one thread.</summary>
internal sealed class FeaturesWindows : IBenchmark
{
    private const int AllEntities = 100_000;
    private const int Drawn = 1 << 20;
    private const int Together = 256;
    private const double MicrosTarget = 1;

    // An event each 60 µs of the stream's own time: at a million a second a minute of it passes in one, so that tiles begin and records grow.
    private const long TicksAnEvent = 60 * TimeSpan.TicksPerMicrosecond;
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly TimeSpan[] Windows = [TimeSpan.FromMinutes(5), TimeSpan.FromHours(1), TimeSpan.FromDays(1)];
    private static readonly EventSource Source = new("trades", "known_at", Column.Integer("id"), Column.Integer("units"), Column.Number("price"));

    public string Name => "features.windows";

    public string Settings => "events pushed one by one, and 256 in a call; count, sum, mean, min, max and last over 5 minutes, 1 hour and 1 day in tiles of a minute, 100 k entities at random, one thread, all in memory; the target is a million events a second";

    public IReadOnlyList<Figure> Run(Effort effort, Action<string> say) =>
    [
        Measure(effort, "1 event", together: 1, say),
        Measure(effort, "1 event of 256 in a call", Together, say),
    ];

    private Figure Measure(Effort effort, string name, int together, Action<string> say)
    {
        var entities = effort.Of(AllEntities);
        var folder = Directory.CreateTempSubdirectory("mlp-bench-").FullName;
        try
        {
            var view = View();
            var service = new FeatureService("bench", "1", view);
            using var store = OnlineStore.Open(folder, service, new OnlineStoreOptions { MemoryBytes = 2L << 30, IndexBytes = 8L << 20, LogBytesMax = 16L << 30 });
            var stream = new Stream(entities);

            // Every entity is there, and has tiles.
            stream.Push(store, Math.Max(entities * 10, together), together);
            var samples = new double[effort.Pairs];
            for (var i = 0; i < samples.Length; i++)
            {
                var before = (stream.Pushed, Stopwatch.GetTimestamp());
                do
                {
                    stream.Push(store, 1 << 12, together);
                }
                while (Stopwatch.GetElapsedTime(before.Item2) < effort.Sample);
                samples[i] = Stopwatch.GetElapsedTime(before.Item2).TotalMicroseconds / (stream.Pushed - before.Pushed);
            }

            say($"{name}: {stream.Pushed} events of {entities} entities over {stream.Now - Start}, log of {store.LogBytes >> 20} MiB");
            stream.Check(store, service);
            return Figure.OfTarget(Name, name, SideBySide.Median(samples), samples.Min(), MicrosTarget, "us");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static WindowedView View() => new("trades", new Entity("thing", "id"), Source, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), [.. Windows.SelectMany(window => (Aggregate[])
    [
        Aggregate.Count(window),
        Aggregate.Sum("units", window),
        Aggregate.Mean("price", window, resolution: 0.01),
        Aggregate.Min("price", window),
        Aggregate.Max("price", window),
        Aggregate.Last("units", window),
    ])]);

    /// <summary>The same stream each time: drawn once, and gone through again and again.</summary>
    private sealed class Stream
    {
        private readonly long[] _ids = new long[Drawn];
        private readonly long[] _units = new long[Drawn];
        private readonly double[] _prices = new double[Drawn];
        private readonly DateTime[] _times = new DateTime[Together];
        private readonly FeatureValue[] _values = new FeatureValue[Together * 3];

        public Stream(int entities)
        {
            var random = new Random(7);
            for (var i = 0; i < Drawn; i++)
            {
                (_ids[i], _units[i], _prices[i]) = (random.Next(entities), random.Next(1000), random.Next(100_000) * 0.01);
            }
        }

        public long Pushed { get; private set; }

        public DateTime Now => At(Pushed);

        public void Push(OnlineStore store, int count, int together)
        {
            for (var i = 0; i < count; i += together)
            {
                if (together == 1)
                {
                    var at = (int)(Pushed & (Drawn - 1));
                    store.Push(Source, At(Pushed++), _ids[at], _units[at], _prices[at]);
                    continue;
                }

                for (var k = 0; k < together; k++)
                {
                    var at = (int)(Pushed & (Drawn - 1));
                    _times[k] = At(Pushed++);
                    (_values[k * 3], _values[(k * 3) + 1], _values[(k * 3) + 2]) = (_ids[at], _units[at], _prices[at]);
                }

                store.PushMany(Source, _times, _values);
            }
        }

        // Some entities, every event of theirs looked at.
        public void Check(OnlineStore store, FeatureService service)
        {
            using var reader = store.CreateReader(service);
            var row = new float[service.RowLength];
            var end = new DateTime(Now.Ticks - (Now.Ticks % TimeSpan.TicksPerMinute), DateTimeKind.Utc);
            foreach (var id in _ids.Take(50).Distinct())
            {
                reader.Read([EntityKey.Of(id)], Now, row);
                var events = Enumerable.Range(0, Drawn).Where(i => _ids[i] == id).SelectMany(i => Rounds(i)).OrderBy(e => e.At).ToList();
                var expected = Windows.SelectMany(window => Expected(events.Where(e => e.At < end && e.At >= end - window).ToList()));
                if (!expected.SequenceEqual(row))
                {
                    throw new WrongAnswerException($"entity {id}: expected {string.Join(' ', expected)}, got {string.Join(' ', row)}.");
                }
            }
        }

        private IEnumerable<(DateTime At, long Units, double Price)> Rounds(int at)
        {
            for (long i = at; i < Pushed; i += Drawn)
            {
                yield return (At(i), _units[at], _prices[at]);
            }
        }

        private static float[] Expected(List<(DateTime At, long Units, double Price)> events) => events.Count == 0
            ? [0, 0, float.NaN, float.NaN, float.NaN, float.NaN]
            : [events.Count, events.Sum(e => e.Units), (float)(events.Sum(e => (long)Math.Round(e.Price / 0.01)) / (double)events.Count * 0.01), (float)events.Min(e => e.Price), (float)events.Max(e => e.Price), events[^1].Units];

        private static DateTime At(long index) => Start.AddTicks(index * TicksAnEvent);
    }
}
