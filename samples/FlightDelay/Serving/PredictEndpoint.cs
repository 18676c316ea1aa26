using System.Globalization;
using System.Text.Json;
using FlightDelay.Features;
using FlightDelay.Training;
using Mlp.Features;
using Mlp.Inference;

namespace FlightDelay.Serving;

/// <summary><c>POST /flights/predict</c>: a flight in, the probability that it leaves late out, with the values that led to it.</summary>
internal sealed class PredictEndpoint(HostedModel model, FeatureReaderPool features, KnownAirports known)
{
    /// <summary>Windows of a time further ahead than this would be all but empty.</summary>
    private static readonly TimeSpan AheadMax = TimeSpan.FromHours(24);

    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/flights/predict", PredictAsync)
            .WithName("PredictDelay")
            .WithTags("Flights")
            .WithSummary("The probability that a flight leaves more than 15 minutes late")
            .WithDescription("Airports are IATA codes; the departure is on the origin's clock, without an offset. The history ends with June 2001, so departures of 1 July can be asked for.")
            .Accepts<PredictRequest>("application/json")
            .Produces<PredictResponse>()
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .AddOpenApiOperationTransformer(static (operation, _, _) =>
            {
                operation.RequestBody!.Content!["application/json"].Example = JsonSerializer.SerializeToNode(PredictRequest.Example, ServingJson.Default.PredictRequest);
                return Task.CompletedTask;
            });

    private async Task<IResult> PredictAsync(HttpRequest http, CancellationToken cancellationToken)
    {
        PredictRequest? request;
        try
        {
            request = await JsonSerializer.DeserializeAsync(http.Body, ServingJson.Default.PredictRequest, cancellationToken);
        }
        catch (JsonException e)
        {
            // The path is $.departure, say, where a value is of another type; $ where the text is no JSON at all.
            return Invalid(e.Path is { Length: > 2 } path ? path[2..] : "body", e.BytePositionInLine is { } position ? $"cannot be read, at line {e.LineNumber + 1}, byte {position}; expected {{\"origin\": \"SEA\", \"destination\": \"BOS\", \"departure\": \"2001-07-01T00:30\"}}" : e.Message);
        }

        if (request is null)
        {
            return Invalid("body", "is null; expected an object with origin, destination and departure");
        }

        var errors = request.Validate(known.Origins, known.Destinations, out var departure);
        if (errors.Count == 0 && departure > known.KnownUntil + AheadMax)
        {
            errors["departure"] = [$"lies more than {AheadMax.TotalHours:0} hours after what is known; expected {Text(known.KnownUntil)} to {Text(known.KnownUntil + AheadMax)}"];
        }

        return errors.Count > 0 ? Results.ValidationProblem(errors) : await AnswerAsync(request, departure, cancellationToken);
    }

    private async Task<IResult> AnswerAsync(PredictRequest request, DateTime departure, CancellationToken cancellationToken)
    {
        var row = new float[FlightFeatures.Service.RowLength];
        if (ReadFeatures(request, departure, row) == FeatureReadStatus.TooOld)
        {
            return Invalid("departure", $"lies before what the online store keeps, which is the newest of everything; expected {Text(known.KnownUntil)} to {Text(known.KnownUntil + AheadMax)}");
        }

        var probability = await model.PredictValueAsync(row, LatePredictions.Column, cancellationToken: cancellationToken);
        return Results.Json(new PredictResponse(probability, new ModelIdentity(model.Name, model.Version.Version, model.Version.Digest), Named(row)), ServingJson.Default.PredictResponse);
    }

    private FeatureReadStatus ReadFeatures(PredictRequest request, DateTime departure, Span<float> row)
    {
        Span<EntityKey> keys = stackalloc EntityKey[2];
        FlightFeatures.Keys(request.Origin!, request.Destination!, keys);
        return features.Read(keys, departure, row);
    }

    private static Dictionary<string, float?> Named(float[] row)
    {
        var named = new Dictionary<string, float?>(row.Length);
        for (var i = 0; i < row.Length; i++)
        {
            named[FlightFeatures.Service.Features[i]] = float.IsNaN(row[i]) ? null : row[i];
        }

        return named;
    }

    private static IResult Invalid(string field, string why) => Results.ValidationProblem(new Dictionary<string, string[]> { [field] = [why] });

    private static string Text(DateTime time) => time.ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture);
}
