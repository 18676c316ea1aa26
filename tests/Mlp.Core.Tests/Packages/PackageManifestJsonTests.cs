using System.Text;
using CsCheck;
using Mlp.Core;

namespace Mlp.Core.Tests.Packages;

public class PackageManifestJsonTests
{
    private static readonly byte[] Valid = PackageManifestJson.Write(Samples.Manifest() with
    {
        Files = [new("model.onnx", 5, ContentDigest.Of("model"u8)), new("profile.json", 2, ContentDigest.Of("{}"u8))],
    });

    [Fact]
    public void Writing_what_was_read_gives_the_same_bytes() =>
        Assert.Equal(Valid, PackageManifestJson.Write(PackageManifestJson.Read(Valid)));

    [Fact]
    public void A_tensor_of_any_shape_is_told_from_a_scalar()
    {
        TensorSpec[] tensors = [TensorSpec.OfAnyShape("any", ElementType.Float32), new("scalar", ElementType.Float32)];
        var read = PackageManifestJson.Read(PackageManifestJson.Write(PackageManifestJson.Read(Valid) with { Signature = new ModelSignature(tensors, tensors) }));
        Assert.Equal(tensors, read.Signature.Inputs.ToArray());
        Assert.Equal([false, true], read.Signature.Outputs.ToArray().Select(output => output.HasShape));
        Assert.NotEqual(TensorSpec.OfAnyShape("x", ElementType.Float32), new TensorSpec("x", ElementType.Float32));
    }

    [Fact]
    public void Unknown_properties_are_skipped_whatever_they_hold()
    {
        var text = Encoding.UTF8.GetString(Valid).Replace("\"name\": \"flight-delay\"", "\"future\": {\"a\": [1, {\"b\": null}]}, \"name\": \"flight-delay\"", StringComparison.Ordinal);
        Assert.Equal("flight-delay", PackageManifestJson.Read(Encoding.UTF8.GetBytes(text)).Name);
    }

    [Theory]
    [InlineData("\"format\": 1", "\"format\": 2", "format 2")]
    [InlineData("\"flight-delay\"", "\"../x\"", "the name")]
    [InlineData("\"float32\"", "\"float33\"", "float33")]
    [InlineData("\"length\": 5", "\"length\": -5", "length -5")]
    [InlineData("\"length\": 5", "\"length\": 1e99", "64-bit")]
    [InlineData("sha256:", "sha1:", "digest")]
    [InlineData("\"probabilities\"", "\"label\"", "twice")]
    [InlineData("\"profile.json\",\n      \"length\"", "\"MODEL.onnx\",\n      \"length\"", "twice")]
    [InlineData("\"profile\": \"profile.json\"", "\"profile\": \"other.json\"", "other.json")]
    [InlineData("2001-06-01", "yesterday", "ISO 8601")]
    public void A_wrong_statement_is_refused_and_named(string right, string wrong, string named)
    {
        var text = Encoding.UTF8.GetString(Valid);
        Assert.Contains(right, text, StringComparison.Ordinal);
        var error = Assert.Throws<PackageException>(() => PackageManifestJson.Read(Encoding.UTF8.GetBytes(text.Replace(right, wrong, StringComparison.Ordinal))));
        Assert.Equal(ErrorCodes.PackageInvalid, error.Code);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_truncation_is_a_typed_error()
    {
        for (var length = 0; length < Valid.Length - 2; length++)
        {
            Assert.Throws<PackageException>(() => PackageManifestJson.Read(Valid.AsSpan(0, length)));
        }
    }

    [Fact]
    public void Random_damage_is_read_or_refused_with_a_typed_error_and_nothing_else() =>
        Gen.Select(Gen.Int[0, Valid.Length - 1], Gen.Byte, Gen.Int[0, Valid.Length - 1], Gen.Byte).Sample(damage =>
        {
            var bytes = (byte[])Valid.Clone();
            bytes[damage.Item1] = damage.Item2;
            bytes[damage.Item3] = damage.Item4;
            try
            {
                PackageManifestJson.Read(bytes);
            }
            catch (PackageException)
            {
            }
        }, iter: 20_000);

    [Fact]
    public void Lists_and_sizes_beyond_the_limits_are_refused()
    {
        Assert.Contains("more than", Assert.Throws<PackageException>(() => PackageManifestJson.Read(Valid, new PackageLimits { ListEntriesMax = 1 })).Message, StringComparison.Ordinal);
        Assert.Contains("more than", Assert.Throws<PackageException>(() => PackageManifestJson.Read(Valid, new PackageLimits { ManifestBytesMax = 100 })).Message, StringComparison.Ordinal);
    }
}
