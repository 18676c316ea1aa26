using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mlp.Registry.Server;

/// <summary>Reads what a request carries, within limits.</summary>
internal static class Call
{
    private static readonly JsonDocumentOptions Json = new() { MaxDepth = 16 };

    /// <summary>The fields: of the query where the method is GET, of the JSON body otherwise.</summary>
    public static async Task<Fields> FieldsAsync(HttpContext context, long bytesMax)
    {
        if (HttpMethods.IsGet(context.Request.Method))
        {
            return new QueryFields(context.Request.Query);
        }

        var type = context.Request.ContentType;
        if (type is null || !type.Split(';')[0].Trim().Equals("application/json", StringComparison.OrdinalIgnoreCase))
        {
            throw new RegistryFault(RegistryFault.BadRequest, "Bad Request. Content-Type header must be 'application/json'.");
        }

        Bound(context, bytesMax);
        try
        {
            var document = await JsonDocument.ParseAsync(context.Request.Body, Json, context.RequestAborted).ConfigureAwait(false);
            context.Response.RegisterForDispose(document);
            return new JsonFields(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new RegistryFault(RegistryFault.BadRequest, $"The request body is no JSON: {e.Message}", e);
        }
    }

    /// <summary>The whole body.</summary>
    public static async Task<byte[]> BytesAsync(HttpContext context, long bytesMax)
    {
        Bound(context, bytesMax);
        using var bytes = new MemoryStream();
        await context.Request.Body.CopyToAsync(bytes, context.RequestAborted).ConfigureAwait(false);
        return bytes.ToArray();
    }

    /// <summary>Refuses a longer body: at once where it states its length, on the way where it does not.</summary>
    public static void Bound(HttpContext context, long bytesMax)
    {
        if (context.Request.ContentLength > bytesMax)
        {
            throw RegistryFault.TooLarge($"The body has {context.Request.ContentLength} bytes, more than the {bytesMax} allowed.");
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = bytesMax;
        }
    }
}
