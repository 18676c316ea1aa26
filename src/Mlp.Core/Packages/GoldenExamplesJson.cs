using System.Buffers;
using System.Text.Json;

namespace Mlp.Core;

/// <summary><c>golden.json</c> in and out. A number that is none is <c>null</c>, the infinities are the texts <c>Infinity</c> and <c>-Infinity</c>.</summary>
public static class GoldenExamplesJson
{
    /// <summary>Writes examples, the same bytes for the same content.</summary>
    public static byte[] Write(GoldenExamples golden)
    {
        ArgumentNullException.ThrowIfNull(golden);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("tolerance", golden.Tolerance);
            json.WriteStartArray("examples");
            foreach (var example in golden.Examples)
            {
                json.WriteStartObject();
                WriteRows(json, "inputs", example.Inputs);
                WriteRows(json, "outputs", example.Outputs);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads a package's examples.</summary>
    /// <returns>Null where the package has none.</returns>
    /// <exception cref="PackageException">The file is no such text, or larger than allowed.</exception>
    public static GoldenExamples? Read(ModelPackage package, PackageLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(package);
        limits ??= PackageLimits.Default;
        if (package.Manifest.GoldenFile is not { } file)
        {
            return null;
        }

        var path = package.FilePath(file);
        var length = package.Listed(file).LengthBytes;
        return length > limits.GoldenBytesMax
            ? throw new PackageException(ErrorCodes.PackageInvalid, path, $"the golden examples have {length} bytes, more than the {limits.GoldenBytesMax} allowed.")
            : Read(package.ReadFile(file), limits, path);
    }

    /// <summary>Reads and checks examples. Properties that this version does not know are skipped.</summary>
    /// <param name="utf8">The file's bytes.</param>
    /// <param name="limits">What to accept; null for <see cref="PackageLimits.Default"/>.</param>
    /// <param name="path">The file's name for error messages.</param>
    /// <exception cref="PackageException">The text is no JSON, lacks a property, or states something that is not allowed.</exception>
    public static GoldenExamples Read(ReadOnlySpan<byte> utf8, PackageLimits? limits = null, string path = GoldenExamples.FileName) =>
        GoldenExamplesReader.Read(utf8, limits ?? PackageLimits.Default, path);

    private static void WriteRows(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, double[]> rows)
    {
        json.WriteStartObject(name);
        foreach (var (tensor, values) in rows)
        {
            json.WriteStartArray(tensor);
            foreach (var value in values)
            {
                if (double.IsNaN(value))
                {
                    json.WriteNullValue();
                }
                else if (double.IsInfinity(value))
                {
                    json.WriteStringValue(value > 0 ? "Infinity" : "-Infinity");
                }
                else
                {
                    json.WriteNumberValue(value);
                }
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
