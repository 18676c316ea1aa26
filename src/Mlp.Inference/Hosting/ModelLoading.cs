using Mlp.Core;

namespace Mlp.Inference;

/// <summary>From a verified package to a version that is ready to answer.</summary>
internal static class ModelLoading
{
    public static async Task<(ModelVersion Version, ModelLayout Layout)> LoadAsync(ModelPackage package, string name, HostedModelOptions options, ModelHostOptions host, HostedModel? before, CancellationToken cancellationToken)
    {
        var time = host.TimeProvider;
        var started = time.GetTimestamp();
        var file = ModelFile.Of(package.ReadFile(package.Manifest.ModelFile), package.ModelPath, options.RowShapes, options.Batches);
        var stated = ModelLayout.Of(package.Manifest.Signature, options.RowShapes, options.Batches);
        if (!stated.Fits(file.Layout) && !(IsOlder(stated.Signature.Inputs, file.Layout.Signature.Inputs) && IsOlder(stated.Signature.Outputs, file.Layout.Signature.Outputs)))
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"The package '{package.Manifest.Name}' states the signature {stated.Signature}, its model has {file.Layout.Signature}.");
        }

        if (before?.Package.Manifest.FeatureService is { } old && package.Manifest.FeatureService is { } service && !HasSameColumns(old, service))
        {
            // Callers fill in columns by place: the same width with other features would be answered, and wrong.
            throw new MlpException(InferenceErrors.SignatureChanged, $"The new version of '{name}' reads other features, or in another order, of '{service.Name}' {service.Version} than the active one of '{old.Name}' {old.Version}. Load it under another name.");
        }

        // An output that is not there fails before anything is prepared.
        file.Layout.FloatOutput(options.Output);
        var label = options.Version ?? ShortDigest(package.Digest);
        var golden = GoldenCheck.Read(package);
        var model = options.Runtime.Prepare(file, new PrepareOptions { RowsMax = options.Batching.For(file.Layout).BatchRowsMax, SampleRows = options.SampleRows, Batches = options.Batches, SharedThreads = host.SharedThreads, CancellationToken = cancellationToken });
        try
        {
            CheckSame(before, model.Layout, name);
            GoldenCheck.Run(golden, model, name, label, cancellationToken);
        }
        catch
        {
            model.Dispose();
            throw;
        }

        var (batcher, buckets) = await TakeMemoryAsync(model, options, new ModelMetrics(name, label), time, cancellationToken).ConfigureAwait(false);
        var memory = package.Listed(package.Manifest.ModelFile).LengthBytes + batcher.MemoryBytes + (buckets?.MemoryBytes ?? 0);
        return (new ModelVersion(name, label, package.Digest, model, batcher, buckets, time.GetUtcNow(), time.GetElapsedTime(started), memory), model.Layout);
    }

    private static async Task<(DynamicBatcher Batcher, BucketSet? Buckets)> TakeMemoryAsync(IPreparedModel model, HostedModelOptions options, ModelMetrics metrics, TimeProvider time, CancellationToken cancellationToken)
    {
        if (options.Buckets is null)
        {
            return (new DynamicBatcher(model, options.Batching, metrics, time, cancellationToken), null);
        }

        // All lengths, and calls that are longer than them, run in the same places.
        var batching = options.Batching with { Slots = options.Batching.Slots ?? new RunSlots(options.Batching.InstanceCount) };
        var batcher = new DynamicBatcher(model, batching, metrics, time, cancellationToken);
        try
        {
            return (batcher, await BucketSet.CreateAsync(model, options.Buckets, options.Batches, batching, metrics, time, cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            await batcher.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>What a version will take, as far as its manifest says: its file and the buffers of all its batches.</summary>
    public static long MemoryBytes(ModelPackage package, HostedModelOptions options)
    {
        var layout = ModelLayout.Of(package.Manifest.Signature, options.RowShapes, options.Batches);
        var bytes = package.Listed(package.Manifest.ModelFile).LengthBytes + options.Batching.MemoryBytes(layout);
        return options.Buckets is { } buckets ? bytes + BucketSet.MemoryBytesOf(package.Manifest.Signature, buckets, options.Batches, options.Batching) : bytes;
    }

    // Packages were written that state a scalar where the file states no shape.
    private static bool IsOlder(ReadOnlySpan<TensorSpec> stated, ReadOnlySpan<TensorSpec> specs)
    {
        var fits = stated.Length == specs.Length;
        for (var i = 0; fits && i < specs.Length; i++)
        {
            fits = stated[i].Equals(specs[i]) || (!specs[i].HasShape && stated[i].Equals(new TensorSpec(specs[i].Name, specs[i].Type)));
        }

        return fits;
    }

    // Callers were built for the rows of the version before.
    private static void CheckSame(HostedModel? before, ModelLayout layout, string name)
    {
        if (before is null)
        {
            return;
        }

        if (!before.Layout.Fits(layout))
        {
            throw new MlpException(InferenceErrors.SignatureChanged, $"The new version of '{name}' has the signature {layout.Signature}; the active one has {before.Signature}. Load it under another name.");
        }

        foreach (var output in layout.Signature.Outputs)
        {
            var (old, now) = (before.Layout.LabelsOf(output.Name), layout.LabelsOf(output.Name));
            if (!old.AsSpan().SequenceEqual(now.AsSpan()))
            {
                throw new MlpException(InferenceErrors.SignatureChanged, $"The new version of '{name}' has the labels ({string.Join(", ", now)}) for '{output.Name}'; the active one has ({string.Join(", ", old)}). Load it under another name.");
            }
        }
    }

    private static bool HasSameColumns(FeatureServiceReference old, FeatureServiceReference service)
    {
        var same = old.Features.Count == service.Features.Count;
        for (var i = 0; same && i < old.Features.Count; i++)
        {
            same = old.Features[i].Name == service.Features[i].Name;
        }

        return same;
    }

    private static string ShortDigest(string digest)
    {
        var hex = digest.AsSpan(digest.IndexOf(':', StringComparison.Ordinal) + 1);
        return new string(hex[..Math.Min(12, hex.Length)]);
    }
}
