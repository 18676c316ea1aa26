using Mlp.Core;

namespace Mlp.Core.Tests.Packages;

public sealed class ReplacedPackageTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("mlp-package-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(0, "old")]
    [InlineData(1, "old")]
    [InlineData(2, "new")]
    [InlineData(3, "new")]
    public void A_process_killed_after_any_step_leaves_the_old_package_or_the_new_one(int steps, string expected)
    {
        var folder = Path.Combine(_root, "p");
        Write(folder, "old");
        var temporary = $"{folder}.{Guid.NewGuid():N}.tmp";
        Write(temporary, "new");
        File.WriteAllText(temporary + ".lock", "");
        Assert.Equal(steps, PackagePlace.Replace(temporary, folder).Take(steps).Count());
        Assert.Equal(expected, ModelPackage.Open(folder).Manifest.Description);
        Assert.Equal(ModelPackage.Open(folder).Digest, ModelPackage.DigestOf(folder));
        Assert.Equal("model", File.ReadAllText(ModelPackage.Open(folder).ModelPath));

        // What was left does not stand in the way of the next package, and goes with it.
        Assert.Equal("next", Write(folder, "next").Manifest.Description);
        Assert.Equal(folder, ModelPackage.Open(folder).Folder);
        Assert.Equal(["p"], Directory.GetFileSystemEntries(_root).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void What_a_process_left_that_was_killed_while_it_wrote_goes_with_the_next_package(bool withFolder, bool withLock)
    {
        var folder = Path.Combine(_root, "p");
        var left = $"{folder}.{Guid.NewGuid():N}.tmp";
        if (withFolder)
        {
            Directory.CreateDirectory(Path.Combine(left, "deep"));
            File.WriteAllText(Path.Combine(left, "deep", "half.onnx"), "half");
        }

        if (withLock)
        {
            File.WriteAllText(left + ".lock", "");
        }

        Write(folder, "next");
        Assert.Equal(["p"], Directory.GetFileSystemEntries(_root).Select(Path.GetFileName));
    }

    [Fact]
    public void What_another_writes_at_the_moment_or_has_named_by_itself_stays()
    {
        var folder = Path.Combine(_root, "p");
        string[] others = [$"{folder}.notes.tmp", $"{folder}.{Guid.NewGuid():N}", $"{folder}2.{Guid.NewGuid():N}.tmp", Path.Combine(_root, $"{Guid.NewGuid():N}.tmp")];
        Array.ForEach(others, other => Directory.CreateDirectory(other));
        using (var writing = TemporaryPackage.Beside(folder))
        {
            Directory.CreateDirectory(writing.Folder);
            Write(folder, "next");
            Assert.True(Directory.Exists(writing.Folder));
        }

        Assert.Equal(others.Append(folder).Order(StringComparer.Ordinal), Directory.GetFileSystemEntries(_root).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_process_killed_while_it_deleted_the_old_package_has_left_the_new_one()
    {
        var folder = Path.Combine(_root, "p");
        Write(folder, "old");
        var temporary = Path.Combine(_root, "written");
        Write(temporary, "new");
        _ = PackagePlace.Replace(temporary, folder).Take(2).Count();
        var aside = Assert.Single(Directory.GetDirectories(_root), d => d != folder);
        File.Delete(Path.Combine(aside, "model.onnx"));
        Assert.Equal("new", ModelPackage.Open(folder).Manifest.Description);
        Assert.Equal("next", Write(folder, "next").Manifest.Description);
        Assert.Equal(["p"], Directory.GetFileSystemEntries(_root).Select(Path.GetFileName));
    }

    [Fact]
    public void A_build_that_fails_after_a_kill_keeps_the_old_package()
    {
        var folder = Path.Combine(_root, "p");
        Write(folder, "old");
        var temporary = Path.Combine(_root, "written");
        Write(temporary, "new");
        _ = PackagePlace.Replace(temporary, folder).Take(1).Count();
        Assert.ThrowsAny<Exception>(() => new PackageBuilder().Add("model.onnx", "m"u8.ToArray()).Add("model.onnx/file", "f"u8.ToArray()).Write(folder, Samples.Manifest() with { ProfileFile = null }));
        Assert.Equal("old", ModelPackage.Open(folder).Manifest.Description);
    }

    [Fact]
    public async Task Whoever_opens_a_package_while_it_is_replaced_gets_a_whole_one()
    {
        const int Replacements = 60;
        var folder = Path.Combine(_root, "p");
        var digests = new[] { Write(folder, "even").Digest, Write(folder, "odd").Digest };
        var writer = Task.Run(() =>
        {
            for (var i = 0; i < Replacements; i++)
            {
                Write(folder, i % 2 == 0 ? "even" : "odd");
            }
        });
        var opened = 0;
        while (!writer.IsCompleted || opened == 0)
        {
            Assert.Contains(ModelPackage.Open(folder).Digest, digests);
            Assert.Contains(ModelPackage.DigestOf(folder), digests);
            opened++;
        }

        await writer;
        Assert.Equal(["p"], Directory.GetFileSystemEntries(_root).Select(Path.GetFileName));
    }

    private static ModelPackage Write(string folder, string description) => Samples.Builder().Write(folder, Samples.Manifest() with { Description = description });
}
