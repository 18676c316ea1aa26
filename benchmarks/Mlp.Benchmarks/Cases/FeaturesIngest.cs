using Mlp.Features;

namespace Mlp.Benchmarks;

/// <summary>Rows that replace those of random entities: the online store against upserts of FASTER used by hand; and what a second thread brings.</summary>
internal sealed class FeaturesIngest : IBenchmark
{
    private const int Together = FeatureRows.Together;
    private const double SpeedUp = 1.7;

    public string Name => "features.ingest";

    public string Settings => $"FeatureWriter of Mlp.Features (each row unless a newer one is there) against upserts by FASTER by hand (long keys, blittable values, no locking, unsafe context); one thread each, index of 32 MiB, {FeatureRows.Data}";

    public IReadOnlyList<Figure> Run(Effort effort, Action<string> say)
    {
        using var rows = FeatureRows.Filled(effort.Of(FeatureRows.AllEntities), FeatureRows.Options);
        using var peer = new FasterPeer(FeatureRows.Options.MemoryBytes, FeatureRows.Options.IndexBytes);
        peer.Fill(rows.Entities);
        using var one = new Batches(rows, seed: 5);
        var single = SideBySide.Measure(effort, one.PutEach, times => one.PutByHand(peer, times, together: 1), 1e9 / Together);
        var many = SideBySide.Measure(effort, one.PutTogether, times => one.PutByHand(peer, times, Together), 1e6);

        using var two = new Batches(rows, seed: 6);
        var threads = SideBySide.Measure(effort, times => Beside(() => one.PutTogether(times), () => two.PutTogether(times)), one.PutTogether, 1e6);
        Check(rows, peer, one);
        if (Environment.ProcessorCount < 2)
        {
            say("2 threads by 1: left out: there is one processor");
        }

        return
        [
            Figure.OfCost(Name, "1 row", single, FasterPeer.Name, "ns"),
            Figure.OfCost(Name, "100 rows", many, FasterPeer.Name, "us"),
            .. Environment.ProcessorCount < 2 ? Array.Empty<Figure>() : [Figure.OfTargetRate(Name, "2 threads by 1", 2 * threads.Theirs / threads.Ours, SpeedUp, "x")],
        ];
    }

    private static void Beside(Action here, Action there)
    {
        var thread = new Thread(() => there());
        thread.Start();
        here();
        thread.Join();
    }

    // Once more the whole of it, with other values: each is there, by both.
    private static void Check(FeatureRows rows, FasterPeer peer, Batches batches)
    {
        const int shift = 7;
        batches.PutAll(shift);
        peer.Fill(rows.Entities, shift);
        using var reader = rows.Store.CreateReader(rows.Service);
        rows.Check(reader, shift);
        peer.Check(rows.Entities, shift);
    }

    /// <summary>A thread's writer, and what it writes: a hundred random entities at a time, each time at a newer time.</summary>
    private sealed class Batches : IDisposable
    {
        private readonly FeatureRows _rows;
        private readonly FeatureWriter _writer;
        private readonly LatestView _view;
        private readonly long[] _ids;
        private readonly EntityKey[] _keys;
        private readonly float[] _values = new float[Together * FeatureRows.Width];
        private readonly DateTime[] _times = new DateTime[Together];
        private DateTime _now = FeatureRows.Known;
        private int _at;

        public Batches(FeatureRows rows, int seed)
        {
            _rows = rows;
            _writer = rows.Store.CreateWriter();
            _view = rows.Views[0];
            (_ids, _keys) = rows.RandomKeys(seed);
            for (var i = 0; i < Together; i++)
            {
                FeatureRows.Expected(i, _values.AsSpan(i * FeatureRows.Width, FeatureRows.Width));
            }
        }

        public void PutEach(int times)
        {
            for (var i = 0; i < times; i++)
            {
                var first = Next();
                for (var k = 0; k < Together; k++)
                {
                    _writer.Put(_view, _keys[first + k], _times[k], _values.AsSpan(k * FeatureRows.Width, FeatureRows.Width));
                }
            }
        }

        public void PutTogether(int times)
        {
            for (var i = 0; i < times; i++)
            {
                _writer.PutMany(_view, _keys.AsSpan(Next(), Together), _times, _values);
            }
        }

        public void PutByHand(FasterPeer peer, int times, int together)
        {
            for (var i = 0; i < times; i++)
            {
                var first = Next();
                for (var k = 0; k < Together; k++)
                {
                    if (k % together == 0)
                    {
                        peer.Begin();
                    }

                    peer.PutWithin(_ids[first + k], _values.AsSpan(k * FeatureRows.Width, FeatureRows.Width));
                    if ((k + 1) % together == 0)
                    {
                        peer.End();
                    }
                }
            }
        }

        /// <summary>Every entity once more, with other values.</summary>
        public void PutAll(int shift)
        {
            Span<float> row = stackalloc float[FeatureRows.Width];
            for (var id = 0; id < _rows.Entities; id++)
            {
                FeatureRows.Expected(id + shift, row);
                _writer.Put(_view, EntityKey.Of(id), FeatureRows.Asked.AddDays(-1), row);
            }
        }

        public void Dispose() => _writer.Dispose();

        private int Next()
        {
            _at = _at + (2 * Together) > _keys.Length ? 0 : _at + Together;
            _now = _now.AddMicroseconds(1);
            Array.Fill(_times, _now);
            return _at;
        }
    }
}
