using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mlp.Core;

namespace Mlp.Registry.Server;

/// <summary><c>/mlp/blobs</c> and <c>/mlp/packages</c>: what MLflow has nothing for.</summary>
internal sealed class PackageRoutes(Answers answers, BlobStore blobs, PackageStore packages, VersionStore versions, RegistryLimits limits)
{
    private const int TextLengthMax = 5000;

    public void Map(IEndpointRouteBuilder routes)
    {
        answers.MapRaw(routes, "HEAD", "/mlp/blobs/{digest}", context =>
        {
            context.Response.ContentLength = Find(context).Length;
            return Task.CompletedTask;
        });
        answers.MapRaw(routes, "GET", "/mlp/blobs/{digest}", context =>
            Results.File(Find(context).FullName, "application/octet-stream", enableRangeProcessing: true).ExecuteAsync(context));
        answers.MapRaw(routes, "PUT", "/mlp/blobs/{digest}", async context =>
        {
            Call.Bound(context, limits.BlobBytesMax);
            await blobs.WriteAsync(Digest(context), context.Request.Body, context.RequestAborted).ConfigureAwait(false);
            await Answers.WriteAsync(context, 200, Nothing.More, RegistryJson.Default.Nothing).ConfigureAwait(false);
        });
        answers.MapRaw(routes, "GET", "/mlp/packages/{digest}", async context =>
        {
            var manifest = packages.Manifest(Digest(context));
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = manifest.Length;
            await context.Response.Body.WriteAsync(manifest, context.RequestAborted).ConfigureAwait(false);
        });
        answers.MapRaw(routes, "PUT", "/mlp/packages/{digest}", async context =>
        {
            var bytes = await Call.BytesAsync(context, PackageStore.ManifestBytesMax).ConfigureAwait(false);
            var answer = await packages.AddAsync(Digest(context), bytes, context.RequestAborted).ConfigureAwait(false);
            await Answers.WriteAsync(context, 200, answer, RegistryJson.Default.Nothing).ConfigureAwait(false);
        });
        answers.Map(routes, "POST", "/mlp/model-versions/publish", RegistryJson.Default.ModelVersionAnswer, async (fields, cancel) => new ModelVersionAnswer(await versions.PublishAsync(
            fields.Text("digest"), fields.TextOrNull("run_id"), fields.TextOrNull("description", TextLengthMax), Tags.ReadAll(fields), cancel).ConfigureAwait(false)));
    }

    private FileInfo Find(HttpContext context)
    {
        var digest = Digest(context);
        return blobs.Find(digest) ?? throw RegistryFault.Unknown($"No file {digest} was uploaded.");
    }

    private static string Digest(HttpContext context)
    {
        var digest = context.GetRouteValue("digest") as string ?? "";
        return ContentDigest.IsWellFormed(digest) ? digest : throw RegistryFault.WrongValue("digest", digest, "sha256: and 64 lower-case hexadecimal digits");
    }
}
