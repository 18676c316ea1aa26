using Mlp.Core;

namespace Mlp.Inference;

/// <summary>From a verified package to a version that is ready to answer.</summary>
internal static class ModelLoading
{
    public static (ModelVersion Version, ModelLayout Layout) Load(ModelPackage package, string name, HostedModelOptions options, TimeProvider time, ModelLayout? before)
    {
        var started = time.GetTimestamp();
        var file = ModelFile.Open(package.ModelPath);
        var stated = ModelLayout.Of(package.Manifest.Signature);
        if (!stated.Fits(file.Layout))
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"The package '{package.Manifest.Name}' states the signature {stated.Signature}, its model has {file.Layout.Signature}.");
        }

        if (before is not null && !before.Fits(file.Layout))
        {
            throw new MlpException(InferenceErrors.SignatureChanged, $"The new version of '{name}' has the signature {file.Layout.Signature}; the active one has {before.Signature}. Load it under another name.");
        }

        // An output that is not there fails before anything is prepared.
        file.Layout.FloatOutput(options.Output);
        var label = options.Version ?? ShortDigest(package.Digest);
        var model = options.Runtime.Prepare(file, new PrepareOptions { RowsMax = options.Batching.BatchRowsMax, SampleRows = options.SampleRows });
        var batcher = new DynamicBatcher(model, options.Batching, new ModelMetrics(name, label), time);
        return (new ModelVersion(label, package.Digest, model, batcher, time.GetUtcNow(), time.GetElapsedTime(started)), file.Layout);
    }

    private static string ShortDigest(string digest)
    {
        var hex = digest.AsSpan(digest.IndexOf(':', StringComparison.Ordinal) + 1);
        return new string(hex[..Math.Min(12, hex.Length)]);
    }
}
