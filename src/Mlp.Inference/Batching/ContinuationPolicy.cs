namespace Mlp.Inference;

/// <summary>Decides whether callers' code runs on the thread that ran their batch. Short code does: no queue is cheaper. Code that is long on average goes to the pool, where all cores share it.</summary>
internal sealed class ContinuationPolicy(TimeProvider time)
{
    /// <summary>Beyond this mean, a hop to the pool costs less than it gains.</summary>
    private const double MicrosecondsMax = 25;

    private const double Weight = 0.125;
    private const int ProbeEvery = 64;

    private double _mean;
    private int _sinceProbe;

    /// <summary>Whether the next batch's callers run here.</summary>
    public bool RunsHere()
    {
        if (_mean <= MicrosecondsMax)
        {
            return true;
        }

        // Measured anew now and then, for callers change.
        _sinceProbe = (_sinceProbe + 1) % ProbeEvery;
        return _sinceProbe == 0;
    }

    /// <summary>Takes note of what a batch's callers took.</summary>
    public void Observe(long startedAt, int callers)
    {
        if (callers > 0)
        {
            _mean += Weight * ((time.GetElapsedTime(startedAt).TotalMicroseconds / callers) - _mean);
        }
    }
}
