namespace FlightDelay.Training;

/// <summary>
/// The days of the training months that no model learns from: the reference profile is made of them. Every eighth day, so that each
/// weekday comes up and every month has its share: one block at the end would call the rest of the season drift.
/// </summary>
internal static class ValidationDays
{
    public const int Every = 8;

    public static bool Has(DateTime time) => time.DayOfYear % Every == 0;
}
