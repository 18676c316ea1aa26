namespace Mlp.Features;

/// <summary>The one unit of time inside: microseconds since 1970, UTC, as DuckDB and Parquet have it.</summary>
internal static class FeatureTime
{
    /// <summary>The first and the last moment that a <see cref="DateTime"/> can be.</summary>
    public static readonly long MicrosMin = Micros(DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc));

    public static readonly long MicrosMax = Micros(DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc));

    public static long Micros(DateTime time)
    {
        if (time.Kind == DateTimeKind.Local)
        {
            time = time.ToUniversalTime();
        }

        return (time.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
    }

    public static DateTime FromMicros(long micros) => DateTime.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);

    /// <summary>Division that rounds down, so that tiles before 1970 are as long as all others.</summary>
    public static long Tile(long micros, long tileMicros)
    {
        var tile = micros / tileMicros;
        return micros % tileMicros < 0 ? tile - 1 : tile;
    }
}
