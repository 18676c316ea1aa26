using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Mlp.Core;

/// <summary><c>mlp.json</c> in and out, by hand: the reader is part of every device's program, where a serialiser would weigh a megabyte.</summary>
public static class PackageManifestJson
{
    /// <summary>Writes a manifest, indented, the same bytes for the same content.</summary>
    /// <exception cref="PackageException">The name or a type cannot be written.</exception>
    public static byte[] Write(PackageManifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteNumber("format", PackageManifest.CurrentFormat);
            json.WriteString("name", manifest.Name);
            WriteText(json, "description", manifest.Description);
            json.WriteString("model", manifest.ModelFile);
            json.WriteStartObject("signature");
            WriteTensors(json, "inputs", manifest.Signature.Inputs);
            WriteTensors(json, "outputs", manifest.Signature.Outputs);
            json.WriteEndObject();
            if (manifest.Labels.Count > 0)
            {
                json.WriteStartArray("labels");
                foreach (var label in manifest.Labels)
                {
                    json.WriteStringValue(label);
                }

                json.WriteEndArray();
            }

            WriteText(json, "license", manifest.License);
            WriteFeatureService(json, manifest.FeatureService);
            WriteLineage(json, manifest.Lineage);
            WriteText(json, "profile", manifest.ProfileFile);
            WriteText(json, "evaluation", manifest.EvaluationFile);
            WriteText(json, "golden", manifest.GoldenFile);
            json.WriteStartArray("files");
            foreach (var file in manifest.Files)
            {
                json.WriteStartObject();
                json.WriteString("path", file.Path);
                json.WriteNumber("length", file.LengthBytes);
                json.WriteString("digest", file.Digest);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads and checks a manifest. Properties that this version does not know are skipped.</summary>
    /// <param name="utf8">The file's bytes.</param>
    /// <param name="limits">What to accept; null for <see cref="PackageLimits.Default"/>.</param>
    /// <param name="path">The file's name for error messages.</param>
    /// <exception cref="PackageException">The text is no JSON, lacks a property, or states something that is not allowed.</exception>
    public static PackageManifest Read(ReadOnlySpan<byte> utf8, PackageLimits? limits = null, string path = PackageManifest.FileName) =>
        PackageManifestReader.Read(utf8, limits ?? PackageLimits.Default, path);

    private static void WriteText(Utf8JsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            json.WriteString(name, value);
        }
    }

    private static void WriteTensors(Utf8JsonWriter json, string name, ReadOnlySpan<TensorSpec> tensors)
    {
        json.WriteStartArray(name);
        foreach (var tensor in tensors)
        {
            json.WriteStartObject();
            json.WriteString("name", tensor.Name);
            json.WriteString("type", tensor.Form?.ToString() ?? tensor.Type.Name());
            WriteShape(json, tensor);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteShape(Utf8JsonWriter json, TensorSpec tensor)
    {
        if (!tensor.HasShape)
        {
            json.WriteNull("shape");
            return;
        }

        json.WriteStartArray("shape");
        foreach (var dimension in tensor.Shape)
        {
            if (dimension.IsFixed)
            {
                json.WriteNumberValue(dimension.Length);
            }
            else
            {
                json.WriteStringValue(dimension.Symbol);
            }
        }

        json.WriteEndArray();
    }

    private static void WriteFeatureService(Utf8JsonWriter json, FeatureServiceReference? service)
    {
        if (service is null)
        {
            return;
        }

        json.WriteStartObject("featureService");
        json.WriteString("name", service.Name);
        json.WriteString("version", service.Version);
        json.WriteString("digest", service.Digest);
        json.WriteStartArray("features");
        foreach (var feature in service.Features)
        {
            json.WriteStartObject();
            json.WriteString("name", feature.Name);
            json.WriteString("type", feature.Type.Name());
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteLineage(Utf8JsonWriter json, ModelLineage? lineage)
    {
        if (lineage is null)
        {
            return;
        }

        json.WriteStartObject("lineage");
        WriteText(json, "codeCommit", lineage.CodeCommit);
        WriteText(json, "run", lineage.RunId);
        json.WriteString("trainedAt", lineage.TrainedAt.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));
        json.WriteStartArray("data");
        foreach (var data in lineage.Data)
        {
            json.WriteStartObject();
            json.WriteString("name", data.Name);
            json.WriteString("digest", data.Digest);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
