using System.Text.Json.Serialization;
using Scalar.AspNetCore;

namespace FlightDelay.Serving;

/// <summary>The page to try the service at, <c>/docs</c>, and the OpenAPI document behind it.</summary>
internal static class ApiPage
{
    private const string Path = "/docs";
    private const string Title = "Flight delays";

    // The page's maker has a link of its own in the corner, which no option takes away.
    private const string Styles = """a[href*="scalar.com"] { display: none; }""";

    public static void AddApiPage(this IServiceCollection services)
    {
        // Numbers are numbers, in what is read as in what the document says.
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict);
        services.AddOpenApi(document => document.AddDocumentTransformer(static (api, _, _) =>
        {
            api.Info.Title = Title;
            return Task.CompletedTask;
        }));
    }

    public static void MapApiPage(this IEndpointRouteBuilder routes)
    {
        routes.MapOpenApi().WithMetadata(Readable());

        // Only what is this service's own: no offers, assistants, counters, links or fonts of others.
        routes.MapScalarApiReference(Path, page => page
            .WithTitle(Title)
            .WithCustomCss(Styles)
            .HideClientButton()
            .HideDeveloperTools()
            .DisableAgent()
            .DisableMcp()
            .DisableTelemetry()
            .DisableDefaultFonts())
            .WithMetadata(Readable());
        routes.MapGet("/", () => Results.Redirect(Path)).ExcludeFromDescription();
    }

    // Who checks a link asks with HEAD.
    private static HttpMethodMetadata Readable() => new([HttpMethods.Get, HttpMethods.Head]);
}
