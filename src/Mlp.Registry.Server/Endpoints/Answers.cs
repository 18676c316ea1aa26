using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Mlp.Registry.Server;

/// <summary>The doorway of every route: who asks, what goes wrong, and how it is said.</summary>
internal sealed partial class Answers(LocalAccess local, BearerToken token, RegistryLimits limits, ILogger<Answers> log)
{
    private const int SqliteBusy = 5;

    /// <summary>Maps a route that takes fields and answers JSON.</summary>
    public void Map<T>(IEndpointRouteBuilder routes, string method, string path, JsonTypeInfo<T> json, Func<Fields, CancellationToken, Task<T>> handle) =>
        MapRaw(routes, method, path, async context =>
        {
            var fields = await Call.FieldsAsync(context, limits.JsonBytesMax).ConfigureAwait(false);
            await WriteAsync(context, 200, await handle(fields, context.RequestAborted).ConfigureAwait(false), json).ConfigureAwait(false);
        });

    /// <summary>Maps a route that reads fields and answers at once.</summary>
    public void Map<T>(IEndpointRouteBuilder routes, string method, string path, JsonTypeInfo<T> json, Func<Fields, T> handle) =>
        Map(routes, method, path, json, (fields, _) => Task.FromResult(handle(fields)));

    /// <summary>Maps a route that reads and answers bytes itself.</summary>
    public void MapRaw(IEndpointRouteBuilder routes, string method, string path, RequestDelegate handle) =>
        routes.MapMethods(path, [method], (RequestDelegate)(context => GuardAsync(context, handle)));

    public static async Task WriteAsync<T>(HttpContext context, int status, T answer, JsonTypeInfo<T> json)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(answer, json);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
    }

    private async Task GuardAsync(HttpContext context, RequestDelegate handle)
    {
        try
        {
            local.Check(context);
            if (!token.Allows(context.Request.Headers.Authorization))
            {
                context.Response.Headers.WWWAuthenticate = "Bearer";
                throw new RegistryFault(RegistryFault.Unauthenticated, "This server asks for a bearer token; the request has none, or another.");
            }

            await handle(context).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller went away: there is nobody to answer.
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            var fault = Fault(e);
            if (fault.Status >= 500)
            {
                LogFailure(e, context.Request.Method, context.Request.Path);
            }

            await WriteAsync(context, fault.Status, new ErrorAnswer(fault.ErrorCode, fault.Message), RegistryJson.Default.ErrorAnswer).ConfigureAwait(false);
        }
    }

    private static RegistryFault Fault(Exception exception) => exception switch
    {
        RegistryFault fault => fault,
        BadHttpRequestException { StatusCode: 413 } => RegistryFault.TooLarge(exception.Message),
        BadHttpRequestException bad => new RegistryFault(RegistryFault.BadRequest, bad.Message) { Status = bad.StatusCode },
        SqliteException { SqliteErrorCode: SqliteBusy } => new RegistryFault(RegistryFault.TemporarilyUnavailable, "The database is busy; try again."),

        // What went wrong inside is for the log, not for the caller.
        _ => new RegistryFault(RegistryFault.InternalError, "The server failed; its log says why."),
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private partial void LogFailure(Exception exception, string method, string path);
}
