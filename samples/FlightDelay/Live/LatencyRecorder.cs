using System.Diagnostics;

namespace FlightDelay.Live;

/// <summary>Latencies of a replay, kept whole: a month of a few airports is some hundred thousand numbers.</summary>
internal sealed class LatencyRecorder(int capacity)
{
    private readonly List<double> _micros = new(capacity);

    public void Add(long startTimestamp) => _micros.Add(Stopwatch.GetElapsedTime(startTimestamp).TotalMicroseconds);

    /// <summary>The latencies in microseconds, ascending.</summary>
    public double[] Sorted()
    {
        var sorted = _micros.ToArray();
        Array.Sort(sorted);
        return sorted;
    }
}
