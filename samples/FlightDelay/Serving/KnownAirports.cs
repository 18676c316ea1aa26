using FlightDelay.Training;

namespace FlightDelay.Serving;

/// <summary>What the service can be asked about: airports that had traffic in the last month, and times its features reach to.</summary>
/// <param name="Origins">Airports that were left.</param>
/// <param name="Destinations">Airports that were flown to.</param>
/// <param name="KnownUntil">Departures are known up to here.</param>
internal sealed record KnownAirports(IReadOnlySet<string> Origins, IReadOnlySet<string> Destinations, DateTime KnownUntil)
{
    public static KnownAirports Of(LabelledRows rows, DateTime knownUntil) =>
        new(rows.Origins.ToHashSet(StringComparer.Ordinal), rows.Destinations.ToHashSet(StringComparer.Ordinal), knownUntil);
}
