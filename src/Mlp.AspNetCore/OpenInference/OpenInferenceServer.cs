using System.Buffers;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Mlp.Core;
using Mlp.Inference;

namespace Mlp.AspNetCore;

/// <summary>Answers the protocol's calls.</summary>
internal sealed class OpenInferenceServer(ModelHost host, ILogger logger, OpenInferenceOptions options)
{
    private static readonly string Version = typeof(OpenInferenceServer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    public Task MetadataAsync(HttpContext context) => WriteAsync(context, StatusCodes.Status200OK, body => ProtocolJson.Server(body, options.ServerName, Version));

    public Task LiveAsync(HttpContext context) => WriteAsync(context, StatusCodes.Status200OK, body => ProtocolJson.Flag(body, "live", true));

    public Task ReadyAsync(HttpContext context)
    {
        var ready = host.IsReady;
        return WriteAsync(context, ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, body => ProtocolJson.Flag(body, "ready", ready));
    }

    public Task UnknownAsync(HttpContext context) => WriteAsync(context, StatusCodes.Status404NotFound, body => ProtocolJson.Error(body, $"The protocol has no {context.Request.Method} {context.Request.Path}."));

    public Task ModelAsync(HttpContext context) => AnswerAsync(context, _ =>
    {
        var model = Find(context);
        return WriteAsync(context, StatusCodes.Status200OK, body => ProtocolJson.Model(body, model));
    });

    public Task ModelReadyAsync(HttpContext context) => AnswerAsync(context, _ =>
    {
        var model = Find(context);
        return WriteAsync(context, model.IsLoaded ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, body => ProtocolJson.Flag(body, "ready", model.IsLoaded, model.Name));
    });

    public Task InferAsync(HttpContext context) => AnswerAsync(context, async cancellationToken =>
    {
        // A model that was unloaded to make room is loaded again for who asks it.
        var model = OfVersion(context, await host.GetAsync(Named(context), cancellationToken).ConfigureAwait(false));
        using var request = await ReadAsync(context, model, cancellationToken).ConfigureAwait(false);
        await model.InferAsync(request.Rows, request.Options, cancellationToken).ConfigureAwait(false);

        // The version may have been swapped since it was looked at; another one's answer is not what was asked for.
        RequireVersion(context, model, request.Rows.Version);
        ProtocolJson.CheckFinite(model, request);
        await WriteAsync(context, StatusCodes.Status200OK, body => ProtocolJson.Answer(body, model, request)).ConfigureAwait(false);
    });

    private async ValueTask<InferRequest> ReadAsync(HttpContext context, HostedModel model, CancellationToken cancellationToken)
    {
        // Real clients send no content type, so none is asked for.
        if (context.Request.Headers.ContainsKey("Inference-Header-Content-Length"))
        {
            throw new RequestFieldException("Inference-Header-Content-Length", "The binary tensor data extension is not supported: send the data as JSON numbers.");
        }

        if (context.Request.Headers.ContentEncoding.Count > 0)
        {
            throw new RequestFieldException("Content-Encoding", $"The body is encoded as '{context.Request.Headers.ContentEncoding}'; send it as it is, or add request decompression to the service.");
        }

        if (context.Request.ContentLength > options.BodyBytesMax)
        {
            throw new RequestFieldException(RequestErrors.TooLarge, "body", $"The body is larger than {options.BodyBytesMax} bytes.");
        }

        var reader = context.Request.BodyReader;
        var body = await RequestBody.ReadAsync(reader, options.BodyBytesMax, cancellationToken).ConfigureAwait(false);
        try
        {
            using var parser = new InferRequestReader(model, options);
            return parser.Read(body);
        }
        finally
        {
            reader.AdvanceTo(body.End);
        }
    }

    private static string Named(HttpContext context) => (string)context.GetRouteValue("model")!;

    private static HostedModel OfVersion(HttpContext context, HostedModel model)
    {
        RequireVersion(context, model, model.Version.Version);
        return model;
    }

    private static void RequireVersion(HttpContext context, HostedModel model, string answering)
    {
        if (context.GetRouteValue("version") is string version && version != answering)
        {
            throw new MlpException(InferenceErrors.UnknownModel, $"The model '{model.Name}' has no version '{version}' here; version '{answering}' answers.");
        }
    }

    private HostedModel Find(HttpContext context) => OfVersion(context, host.Get(Named(context)));

    private async Task AnswerAsync(HttpContext context, Func<CancellationToken, Task> answer)
    {
        try
        {
            await answer(context.RequestAborted).ConfigureAwait(false);
        }
        catch (MlpException e)
        {
            if (ErrorStatus.IsInner(e))
            {
                ServerLog.Failed(logger, e, e.Code);
            }

            await WriteAsync(context, ErrorStatus.Of(e.Code), body => ProtocolJson.Error(body, ErrorStatus.Detail(e))).ConfigureAwait(false);
        }
        catch (BadHttpRequestException e)
        {
            await WriteAsync(context, e.StatusCode, body => ProtocolJson.Error(body, e.Message)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client is gone: there is nobody to answer.
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            ServerLog.Failed(logger, e, "internal");
            await WriteAsync(context, StatusCodes.Status500InternalServerError, body => ProtocolJson.Error(body, "The server failed to answer.")).ConfigureAwait(false);
        }
    }

    private static async Task WriteAsync(HttpContext context, int status, Action<IBufferWriter<byte>> write)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = "1";
        }

        // With its length in front, the body goes out in one piece instead of chunks.
        var buffer = BodyBuffer.Rent();
        write(buffer);
        context.Response.ContentLength = buffer.Length;
        context.Response.BodyWriter.Write(buffer.Written);
        BodyBuffer.Return(buffer);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }
}
