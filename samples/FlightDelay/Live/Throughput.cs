using System.Diagnostics;
using FlightDelay.Features;
using FlightDelay.Training;
using Mlp.Features;
using Mlp.Inference;

namespace FlightDelay.Live;

/// <summary>Many callers at once, each asking for one flight after another: features straight from the store into the next batch.</summary>
internal sealed class Throughput(OnlineStore store, HostedModel model)
{
    private const int Callers = 64;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(2);

    public async Task<ThroughputResult> RunAsync(LabelledRows flights, DateTime time, CancellationToken cancellationToken)
    {
        var callers = Enumerable.Range(0, Callers).Select(c => new Caller(store, model, flights, time, c)).ToArray();
        try
        {
            await Task.WhenAll(callers.Select(caller => Task.Run(() => caller.RunAsync(Duration / 4, cancellationToken))));
            var before = callers.Sum(c => c.Count);
            var watch = Stopwatch.StartNew();
            await Task.WhenAll(callers.Select(caller => Task.Run(() => caller.RunAsync(Duration, cancellationToken))));
            return new ThroughputResult(Callers, (callers.Sum(c => c.Count) - before) / watch.Elapsed.TotalSeconds, callers.Sum(c => c.Wrong));
        }
        finally
        {
            foreach (var caller in callers)
            {
                caller.Dispose();
            }
        }
    }

    private sealed class Caller : IDisposable
    {
        private const int FlightsEach = 256;

        private readonly FeatureReader _reader;
        private readonly HostedModel _model;
        private readonly DateTime _time;
        private readonly EntityKey[] _keys = new EntityKey[FlightsEach * 2];
        private readonly float[] _expected = new float[FlightsEach];
        private readonly float[] _output;
        private int _current;

        public Caller(OnlineStore store, HostedModel model, LabelledRows flights, DateTime time, int number)
        {
            _reader = store.CreateReader(FlightFeatures.Service);
            _model = model;
            _time = time;
            _output = new float[model.OutputElements];
            var random = new Random(number);
            var row = new float[FlightFeatures.Service.RowLength];
            for (var i = 0; i < FlightsEach; i++)
            {
                var flight = random.Next(flights.Count);
                FlightFeatures.Keys(flights.Origins[flight], flights.Destinations[flight], _keys.AsSpan(2 * i, 2));

                // What each flight's answer is was asked for alone: in company it has to be the same.
                _reader.Read(_keys.AsSpan(2 * i, 2), time, row);
                model.Predict(row, _output);
                _expected[i] = _output[LatePredictions.Column];
            }
        }

        public long Count { get; private set; }

        public long Wrong { get; private set; }

        public async Task RunAsync(TimeSpan duration, CancellationToken cancellationToken)
        {
            var start = Stopwatch.GetTimestamp();
            do
            {
                cancellationToken.ThrowIfCancellationRequested();
                _current = (_current + 1) % FlightsEach;
                await _model.PredictAsync(this, static (slot, caller) => caller._reader.Read(caller._keys.AsSpan(2 * caller._current, 2), caller._time, slot.Input()), _output);
                Wrong += _output[LatePredictions.Column] == _expected[_current] ? 0 : 1;
                Count++;
            }
            while (Stopwatch.GetElapsedTime(start) < duration);
        }

        public void Dispose() => _reader.Dispose();
    }
}
