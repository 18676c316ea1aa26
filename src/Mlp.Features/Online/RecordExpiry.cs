using FASTER.core;

namespace Mlp.Features;

/// <summary>
/// Which records of latest views nothing needs any more: a row whose time to live has passed for every read that may still come, and a deletion that has been
/// remembered for long enough.
/// </summary>
/// <param name="plans">The views, by their numbers.</param>
/// <param name="newestMicros">The store's newest event.</param>
/// <param name="readsBehind">How far behind it a read may be.</param>
/// <param name="deletionsKept">How long a deletion is remembered.</param>
internal sealed class RecordExpiry(ViewPlan[] plans, long newestMicros, TimeSpan readsBehind, TimeSpan deletionsKept)
{
    // Decimal, as no sum of times and spans is too large for it.
    private readonly decimal _readsFrom = newestMicros - ((decimal)readsBehind.Ticks / TimeSpan.TicksPerMicrosecond);
    private readonly decimal _deletionsFrom = newestMicros - ((decimal)deletionsKept.Ticks / TimeSpan.TicksPerMicrosecond);

    /// <summary>None is.</summary>
    public static RecordExpiry None { get; } = new([], long.MinValue, TimeSpan.Zero, TimeSpan.Zero);

    public unsafe bool IsOver(long view, ref SpanByte value)
    {
        if (plans.Length == 0 || plans[view].Window is not null || newestMicros == long.MinValue)
        {
            return false;
        }

        var word = *(long*)value.ToPointer();
        var known = LatestPlan.MicrosOf(word);
        return (word & LatestPlan.Deleted) != 0
            ? known < _deletionsFrom
            : plans[view].TimeToLiveMicros != long.MaxValue && (decimal)known + plans[view].TimeToLiveMicros < _readsFrom;
    }
}
