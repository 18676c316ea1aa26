using System.Globalization;
using System.Text.Json.Serialization;

namespace FlightDelay.Serving;

/// <summary>A flight to judge.</summary>
/// <param name="Origin">IATA code of the airport that it leaves, such as <c>SEA</c>.</param>
/// <param name="Destination">IATA code of the airport that it flies to.</param>
/// <param name="Departure">Scheduled departure on the origin's clock, without an offset: <c>2001-07-01T00:30</c>.</param>
internal sealed record PredictRequest(string? Origin, string? Destination, string? Departure)
{
    /// <summary>One that can be answered, to begin with.</summary>
    public static readonly PredictRequest Example = new("SEA", "ATL", "2001-07-01T00:30");

    private static readonly string[] TimeFormats = ["yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss"];

    /// <summary>Checks the fields against what is known.</summary>
    /// <param name="airports">Codes of the airports that have departures.</param>
    /// <param name="destinations">Codes of the airports that are flown to.</param>
    /// <param name="departure">The time.</param>
    /// <returns>For each field that is wrong, why; empty if all are right.</returns>
    public Dictionary<string, string[]> Validate(IReadOnlySet<string> airports, IReadOnlySet<string> destinations, out DateTime departure)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        Check(errors, "origin", Origin, airports);
        Check(errors, "destination", Destination, destinations);
        if (errors.Count == 0 && Origin == Destination)
        {
            errors["destination"] = [$"'{Destination}' is the origin as well"];
        }

        departure = default;
        if (string.IsNullOrEmpty(Departure))
        {
            errors["departure"] = ["is missing; expected a time such as 2001-07-01T00:30"];
        }
        else if (!DateTime.TryParseExact(Departure, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out departure))
        {
            errors["departure"] = [$"'{Shortened(Departure)}' is no time; expected the origin's clock without an offset, such as 2001-07-01T00:30"];
        }

        return errors;
    }

    private static void Check(Dictionary<string, string[]> errors, string field, string? code, IReadOnlySet<string> known)
    {
        if (string.IsNullOrEmpty(code))
        {
            errors[field] = ["is missing; expected the code of an airport such as SEA"];
        }
        else if (!known.Contains(code))
        {
            errors[field] = [$"'{Shortened(code)}' is no {field} in the history, which has {known.Count} of them, as codes in capitals"];
        }
    }

    private static string Shortened(string text) => text.Length <= 40 ? text : text[..40] + "…";
}

/// <summary>The answer.</summary>
/// <param name="Probability">That the flight leaves more than 15 minutes late.</param>
/// <param name="Model">Which model answered.</param>
/// <param name="Features">The values it was given; null where nothing is known.</param>
internal sealed record PredictResponse(float Probability, ModelIdentity Model, IReadOnlyDictionary<string, float?> Features);

/// <summary>A model's name, its version in the registry and its package's digest.</summary>
internal sealed record ModelIdentity(string Name, string Version, string Digest);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip)]
[JsonSerializable(typeof(PredictRequest))]
[JsonSerializable(typeof(PredictResponse))]
[JsonSerializable(typeof(Microsoft.AspNetCore.Http.HttpValidationProblemDetails))]
[JsonSerializable(typeof(Microsoft.AspNetCore.Mvc.ProblemDetails))]
internal sealed partial class ServingJson : JsonSerializerContext;
