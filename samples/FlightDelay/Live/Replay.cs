using System.Diagnostics;
using FlightDelay.Features;
using FlightDelay.Pipeline;
using FlightDelay.Training;
using Mlp.Features;
using Mlp.Inference;

namespace FlightDelay.Live;

/// <summary>
/// The last month as live traffic, in its own order: at its scheduled departure a flight asks for a prediction, and what has become
/// known until then has been fed into the windows before.
/// </summary>
internal sealed class Replay(FlightHistory history, OnlineStore store, HostedModel model)
{
    public async Task<LiveResult> RunAsync(LabelledRows flights, IProgress<double> progress, CancellationToken cancellationToken)
    {
        var offline = LatePredictions.Of(model, flights);
        var latency = new LatencyRecorder(flights.Count);
        var profile = TrafficProfile.NewBuilder();
        using var reader = store.CreateReader(FlightFeatures.Service);
        using var events = history.Events(FlightHistory.HeldOutBegin, FlightHistory.End, cancellationToken).GetEnumerator();
        var more = events.MoveNext();
        int pushed = 0, differences = 0;
        var row = new float[FlightFeatures.Service.RowLength];
        var keys = new EntityKey[2];
        for (var i = 0; i < flights.Count; i++)
        {
            var time = flights.Times[i];
            for (; more && events.Current.KnownAt < time; more = events.MoveNext())
            {
                Push(events.Current);
                pushed++;
            }

            var start = Stopwatch.GetTimestamp();
            FlightFeatures.Keys(flights.Origins[i], flights.Destinations[i], keys);
            reader.Read(keys, time, row);
            var probability = await model.PredictValueAsync(row, LatePredictions.Column);
            latency.Add(start);

            differences += SameBits(flights.Features[i], row) && SameBits(offline.AsSpan(i, 1), [probability]) ? 0 : 1;
            TrafficProfile.Add(profile, row, probability);
            if (i % 1024 == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress.Report((double)i / flights.Count);
            }
        }

        for (; more; more = events.MoveNext())
        {
            Push(events.Current);
            pushed++;
        }

        return new LiveResult { Predictions = flights.Count, Events = pushed, Differences = differences, LatencyMicros = latency.Sorted(), Profile = profile.Build() };
    }

    private void Push(Departure departure) =>
        store.Push(FlightFeatures.Departures, departure.KnownAt, departure.Origin, departure.Destination, departure.Delay, departure.Distance);

    private static bool SameBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            // Any NaN means "nothing known"; which of its bit patterns stands for it carries no meaning.
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i]) && !(float.IsNaN(expected[i]) && float.IsNaN(actual[i])))
            {
                return false;
            }
        }

        return true;
    }
}
