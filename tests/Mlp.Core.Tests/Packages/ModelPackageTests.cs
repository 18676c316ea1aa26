using System.Text;
using Mlp.Core;

namespace Mlp.Core.Tests.Packages;

public sealed class ModelPackageTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("mlp-package-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void What_was_written_is_what_is_opened()
    {
        var manifest = Samples.Manifest();
        var written = Samples.Builder().Write(Path.Combine(_root, "p"), manifest);
        var opened = ModelPackage.Open(written.Folder, written.Digest);

        Assert.Equal(written.Digest, opened.Digest);
        Assert.Equal(manifest.Signature.ToString(), opened.Manifest.Signature.ToString());
        Assert.Equal(manifest.Labels, opened.Manifest.Labels);
        Assert.Equal(manifest.Lineage!.Data, opened.Manifest.Lineage!.Data);
        Assert.Equal(manifest.Lineage.TrainedAt, opened.Manifest.Lineage.TrainedAt);
        Assert.Equal(manifest.FeatureService!.Features, opened.Manifest.FeatureService!.Features);
        Assert.Equal(["deep/er/notes.txt", "model.onnx", "profile.json"], opened.Manifest.Files.Select(f => f.Path));
        Assert.Equal("model", File.ReadAllText(opened.ModelPath));
    }

    [Fact]
    public void The_same_content_gives_the_same_digest()
    {
        var first = Samples.Builder().Write(Path.Combine(_root, "a"), Samples.Manifest());
        var second = Samples.Builder().Write(Path.Combine(_root, "b"), Samples.Manifest());
        Assert.Equal(first.Digest, second.Digest);
    }

    [Fact]
    public void A_folder_in_the_place_of_the_manifest_is_no_package()
    {
        var manifest = Path.Combine(_root, "p", "mlp.json");
        Directory.CreateDirectory(manifest);
        Assert.Equal(ErrorCodes.PackageInvalid, Named(manifest, () => ModelPackage.Open(Path.Combine(_root, "p"))));
        Assert.Equal(ErrorCodes.PackageInvalid, Named(manifest, () => ModelPackage.DigestOf(Path.Combine(_root, "p"))));
    }

    [Fact]
    public void A_package_cannot_be_written_below_a_file_and_says_where()
    {
        var file = Path.Combine(_root, "file");
        File.WriteAllText(file, "no folder");
        foreach (var folder in new[] { Path.Combine(file, "p"), Path.Combine(file, "deep", "p"), file })
        {
            Assert.Equal(ErrorCodes.PackageUnavailable, Named(folder, () => Samples.Builder().Write(folder, Samples.Manifest())));
        }

        Assert.Equal(["file"], Directory.GetFileSystemEntries(_root).Select(Path.GetFileName));
    }

    [Fact]
    public void A_package_replaces_the_one_in_its_place()
    {
        var folder = Path.Combine(_root, "p");
        var first = Samples.Builder().Write(folder, Samples.Manifest());
        var second = Samples.Builder().Write(folder, Samples.Manifest() with { Description = "another" });
        Assert.NotEqual(first.Digest, second.Digest);
        Assert.Equal("another", ModelPackage.Open(folder).Manifest.Description);
        Assert.Equal(["p"], Directory.GetFileSystemEntries(_root).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("model.onnx", "mOdel")]
    [InlineData("model.onnx", "longer than it was")]
    [InlineData("profile.json", "")]
    public void A_changed_file_is_refused_by_name(string path, string content)
    {
        var package = Samples.Builder().Write(Path.Combine(_root, "p"), Samples.Manifest());
        File.WriteAllText(Path.Combine(package.Folder, path), content);
        var error = Assert.Throws<PackageException>(() => ModelPackage.Open(package.Folder));
        Assert.Equal(ErrorCodes.PackageDamaged, error.Code);
        Assert.EndsWith(path, error.Path, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_and_a_missing_manifest_are_told_apart()
    {
        var package = Samples.Builder().Write(Path.Combine(_root, "p"), Samples.Manifest());
        File.Delete(package.ModelPath);
        Assert.Equal(ErrorCodes.PackageDamaged, Assert.Throws<PackageException>(() => ModelPackage.Open(package.Folder)).Code);
        File.Delete(Path.Combine(package.Folder, PackageManifest.FileName));
        Assert.Equal(ErrorCodes.PackageInvalid, Assert.Throws<PackageException>(() => ModelPackage.Open(package.Folder)).Code);
    }

    [Fact]
    public void A_changed_manifest_is_not_the_package_that_was_asked_for()
    {
        var package = Samples.Builder().Write(Path.Combine(_root, "p"), Samples.Manifest());
        var manifest = Path.Combine(package.Folder, PackageManifest.FileName);
        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("late", "soon", StringComparison.Ordinal));
        Assert.Equal(ErrorCodes.PackageDamaged, Assert.Throws<PackageException>(() => ModelPackage.Open(package.Folder, package.Digest)).Code);
    }

    [Fact]
    public void A_file_behind_a_link_is_refused_even_when_its_content_is_right()
    {
        var package = Samples.Builder().Write(Path.Combine(_root, "p"), Samples.Manifest());
        var outside = Path.Combine(_root, "outside.onnx");
        File.Move(package.ModelPath, outside);
        File.CreateSymbolicLink(Path.Combine(package.Folder, "model.onnx"), outside);
        Assert.Equal(ErrorCodes.PackageInvalid, Assert.Throws<PackageException>(() => ModelPackage.Open(package.Folder)).Code);
    }

    [Theory]
    [InlineData("../model.onnx")]
    [InlineData("/etc/passwd")]
    [InlineData("a/../b")]
    [InlineData("a//b")]
    [InlineData("a\\b")]
    [InlineData("c:x")]
    [InlineData("a/.hidden")]
    [InlineData("trailing.")]
    [InlineData("")]
    [InlineData("mlp.json")]
    [InlineData("a/b/c/d/e/f/g/h/i")]
    public void A_path_that_could_leave_the_folder_is_refused_by_builder_and_reader(string path)
    {
        Assert.Throws<PackageException>(() => new PackageBuilder().Add(path, Array.Empty<byte>()));
        var json = Encoding.UTF8.GetString(PackageManifestJson.Write(Samples.Manifest() with { Files = [new("model.onnx", 0, ContentDigest.Of([])), new("profile.json", 0, ContentDigest.Of([])), new(path, 0, ContentDigest.Of([]))] }));
        Assert.Equal(ErrorCodes.PackageInvalid, Assert.Throws<PackageException>(() => PackageManifestJson.Read(Encoding.UTF8.GetBytes(json))).Code);
    }

    [Fact]
    public void A_build_that_fails_leaves_nothing_behind()
    {
        Assert.Throws<PackageException>(() => Samples.Builder().Write(Path.Combine(_root, "p"), Samples.Manifest() with { EvaluationFile = "absent.json" }));
        Assert.Empty(Directory.GetFileSystemEntries(_root));
    }

    private static string Named(string path, Action action)
    {
        var error = Assert.Throws<PackageException>(action);
        Assert.Equal(path, error.Path);
        return error.Code;
    }
}
