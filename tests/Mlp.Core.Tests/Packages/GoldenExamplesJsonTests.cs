using System.Text;
using CsCheck;
using Mlp.Core;

namespace Mlp.Core.Tests.Packages;

public sealed class GoldenExamplesJsonTests
{
    [Fact]
    public void What_was_written_is_what_is_read()
    {
        var rows = Gen.Dictionary(Gen.String[1, 5], Gen.OneOf(Gen.Double, Gen.Const(double.NaN), Gen.Const(double.PositiveInfinity), Gen.Const(double.NegativeInfinity)).Array[0, 6])[0, 3];
        Gen.Select(Gen.Double[0, 0.5], Gen.Select(rows, rows).List[1, 4]).Sample((tolerance, examples) =>
        {
            var written = new GoldenExamples { Tolerance = tolerance, Examples = [.. examples.Select(e => new GoldenExample(e.Item1, e.Item2))] };
            var bytes = GoldenExamplesJson.Write(written);
            Assert.Equal(bytes, GoldenExamplesJson.Write(GoldenExamplesJson.Read(bytes)));
        });
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"tolerance":0.1,"examples":[]}""")]
    [InlineData("""{"examples":[{"inputs":{},"outputs":{}}]}""")]
    [InlineData("""{"tolerance":1,"examples":[{"inputs":{},"outputs":{}}]}""")]
    [InlineData("""{"tolerance":0.1,"examples":[{"inputs":{}}]}""")]
    [InlineData("""{"tolerance":0.1,"examples":[{"inputs":{"x":1},"outputs":{}}]}""")]
    [InlineData("""{"tolerance":0.1,"examples":[{"inputs":{"x":[true]},"outputs":{}}]}""")]
    [InlineData("""{"tolerance":0.1,"examples":[{"inputs":{"x":["NaN"]},"outputs":{}}]}""")]
    [InlineData("""{"tolerance":0.1,"examples":[{"inputs":{"x":[1e999]},"outputs":{}}]}""")]
    [InlineData("""{"tolerance":0.1,"examples":[{"inputs":{"x":[1],"x":[2]},"outputs":{}}]}""")]
    [InlineData("""{"tolerance":0.1,"examples":[{"inputs":{},"outputs":{}}]} 1""")]
    public void What_is_no_golden_example_is_refused(string json) =>
        Assert.Equal(ErrorCodes.PackageInvalid, Assert.Throws<PackageException>(() => GoldenExamplesJson.Read(Encoding.UTF8.GetBytes(json))).Code);

    [Fact]
    public void More_examples_or_bytes_than_allowed_are_refused()
    {
        var two = """{"tolerance":0,"examples":[{"inputs":{},"outputs":{}},{"inputs":{},"outputs":{}}]}"""u8.ToArray();
        Assert.Equal(2, GoldenExamplesJson.Read(two).Examples.Count);
        Assert.Throws<PackageException>(() => GoldenExamplesJson.Read(two, new PackageLimits { GoldenExamplesMax = 1 }));
        Assert.Throws<PackageException>(() => GoldenExamplesJson.Read(two, new PackageLimits { GoldenBytesMax = two.Length - 1 }));
    }

    [Fact]
    public void The_manifest_names_the_file_and_has_to_list_it()
    {
        var manifest = Samples.Manifest() with { Files = [new("golden.json", 0, ContentDigest.Of([])), new("model.onnx", 0, ContentDigest.Of([])), new("profile.json", 0, ContentDigest.Of([]))], GoldenFile = GoldenExamples.FileName };
        Assert.Equal("golden.json", PackageManifestJson.Read(PackageManifestJson.Write(manifest)).GoldenFile);
        Assert.Null(PackageManifestJson.Read(PackageManifestJson.Write(manifest with { GoldenFile = null })).GoldenFile);
        Assert.Throws<PackageException>(() => PackageManifestJson.Read(PackageManifestJson.Write(manifest with { GoldenFile = "other.json" })));
    }
}
