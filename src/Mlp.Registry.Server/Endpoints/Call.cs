using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mlp.Registry.Server;

/// <summary>Reads what a request carries, within limits.</summary>
internal static class Call
{
    private const int BufferBytes = 1 << 14;

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

        var body = await BytesAsync(context, bytesMax).ConfigureAwait(false);
        if (!Utf8.IsValid(body))
        {
            throw new RegistryFault(RegistryFault.BadRequest, "The request body is not in UTF-8.");
        }

        try
        {
            var mark = body.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
            var document = JsonDocument.Parse(body.AsMemory(mark), Json);
            context.Response.RegisterForDispose(document);
            return new JsonFields(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new RegistryFault(RegistryFault.BadRequest, $"The request body is no JSON: {e.Message}", e);
        }
    }

    /// <summary>The whole body. It is counted as it comes: not every server beneath has a limit to set.</summary>
    public static async Task<byte[]> BytesAsync(HttpContext context, long bytesMax)
    {
        Bound(context, bytesMax);
        using var bytes = new MemoryStream();
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            int read;
            while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted).ConfigureAwait(false)) > 0)
            {
                if (bytes.Length + read > bytesMax)
                {
                    throw RegistryFault.TooLarge($"The body is longer than the {bytesMax} bytes allowed.");
                }

                bytes.Write(buffer, 0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return bytes.ToArray();
    }

    /// <summary>Refuses a longer body: at once where it states its length, on the way where it does not and the server can. Who reads counts as well.</summary>
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
