using Mlp.Core;

namespace Mlp.Core.Tests.Packages;

/// <summary>A manifest that uses every property, and the files it names.</summary>
internal static class Samples
{
    public static PackageManifest Manifest() => new()
    {
        Name = "flight-delay",
        Description = "Will a flight be late?",
        License = "MIT",
        Signature = new ModelSignature(
            [new TensorSpec("features", ElementType.Float32, TensorDimension.Free("batch"), TensorDimension.Fixed(3))],
            [new TensorSpec("label", ElementType.Int64, TensorDimension.Free("batch")), new TensorSpec("probabilities", ElementType.Float32, TensorDimension.Free("batch"), TensorDimension.Fixed(2))]),
        Labels = ["on time", "late"],
        FeatureService = new FeatureServiceReference("flight_delay", "1", ContentDigest.Of([1]), [new("a.b", ElementType.Float32), new("c.d", ElementType.Int64)]),
        Lineage = new ModelLineage("abc", "run-1", new DateTimeOffset(2001, 6, 1, 0, 0, 0, TimeSpan.Zero), [new DataDigest("flights", ContentDigest.Of([2]))]),
        ProfileFile = "profile.json",
    };

    public static PackageBuilder Builder() => new PackageBuilder()
        .Add("model.onnx", "model"u8.ToArray())
        .Add("profile.json", "{}"u8.ToArray())
        .Add("deep/er/notes.txt", "notes"u8.ToArray());
}
