using System.IO.Compression;
using Mlp.Core;

namespace Mlp.Inference.Tests.Archives;

public sealed class PackageArchiveTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("mlp-archive-").FullName;

    private string Target => Path.Combine(_root, "out");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_was_packed_is_what_is_unpacked(bool seekable)
    {
        var package = Package();
        using var archive = Archive(package);
        using Stream from = seekable ? archive : new BufferedForward(archive);
        var opened = PackageArchive.Extract(from, Target, package.Digest);
        Assert.Equal(package.Digest, opened.Digest);
        Assert.Equal(["deep", "mlp.json", "model.onnx", "profile.json"], Directory.GetFileSystemEntries(Target).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_same_package_gives_the_same_archive()
    {
        var package = Package();
        Assert.Equal(Archive(package).ToArray(), Archive(package).ToArray());
    }

    [Theory]
    [InlineData("../outside.txt", ErrorCodes.PackageInvalid)]
    [InlineData("/outside.txt", ErrorCodes.PackageInvalid)]
    [InlineData("a\\..\\..\\outside.txt", ErrorCodes.PackageInvalid)]
    [InlineData("unlisted.bin", ErrorCodes.PackageInvalid)]
    [InlineData("MODEL.onnx", ErrorCodes.PackageInvalid)]
    [InlineData("folder/", ErrorCodes.PackageInvalid)]
    public void An_entry_that_does_not_belong_is_refused_and_nothing_is_left(string entry, string code) =>
        Refused(code, zip => zip.CreateEntry(entry));

    [Fact]
    public void A_link_is_refused() => Refused(ErrorCodes.PackageInvalid, zip =>
    {
        var entry = zip.GetEntry("profile.json")!;
        entry.ExternalAttributes = unchecked((int)0xA1FF0000);
    });

    [Fact]
    public void A_file_that_unpacks_to_more_than_the_manifest_states_is_refused() => Refused(ErrorCodes.PackageInvalid, zip => Replace(zip, "profile.json", new byte[1 << 20]));

    [Fact]
    public void A_file_that_differs_is_refused() => Refused(ErrorCodes.PackageDamaged, zip => Replace(zip, "model.onnx", "mOdel"u8.ToArray()));

    [Fact]
    public void A_missing_file_and_a_missing_manifest_are_refused()
    {
        Refused(ErrorCodes.PackageInvalid, zip => zip.GetEntry("model.onnx")!.Delete());
        Refused(ErrorCodes.PackageInvalid, zip => zip.GetEntry("mlp.json")!.Delete());
    }

    [Fact]
    public void More_entries_or_bytes_than_allowed_are_refused()
    {
        Refused(ErrorCodes.PackageInvalid, _ => { }, new PackageLimits { ArchiveEntriesMax = 3 });
        Refused(ErrorCodes.PackageInvalid, _ => { }, new PackageLimits { ArchiveBytesMax = 64 });
    }

    [Fact]
    public void A_truncated_archive_is_refused_at_every_length()
    {
        var bytes = Archive(Package()).ToArray();
        for (var length = 0; length < bytes.Length; length += 7)
        {
            using var cut = new MemoryStream(bytes, 0, length);
            Assert.Throws<PackageException>(() => PackageArchive.Extract(cut, Target));
            Assert.False(Directory.Exists(Target));
        }
    }

    [Fact]
    public void A_folder_that_is_there_stays_as_it_is()
    {
        var package = Package();
        Assert.Throws<PackageException>(() => PackageArchive.Extract(Archive(package), package.Folder));
        Assert.Equal(package.Digest, ModelPackage.Open(package.Folder).Digest);
    }

    private void Refused(string code, Action<ZipArchive> change, PackageLimits? limits = null)
    {
        using var archive = Archive(Package());
        using (var zip = new ZipArchive(archive, ZipArchiveMode.Update, leaveOpen: true))
        {
            change(zip);
        }

        archive.Position = 0;
        Assert.Equal(code, Assert.Throws<PackageException>(() => PackageArchive.Extract(archive, Target, limits: limits)).Code);
        Assert.False(Directory.Exists(Target));
        Assert.Equal(["p"], Directory.GetFileSystemEntries(_root).Select(Path.GetFileName));
    }

    private static void Replace(ZipArchive zip, string path, byte[] content)
    {
        zip.GetEntry(path)!.Delete();
        using var stream = zip.CreateEntry(path).Open();
        stream.Write(content);
    }

    private ModelPackage Package() => new PackageBuilder()
        .Add("model.onnx", "model"u8.ToArray())
        .Add("profile.json", "{}"u8.ToArray())
        .Add("deep/er/notes.txt", "notes"u8.ToArray())
        .Write(Path.Combine(_root, "p"), new PackageManifest
        {
            Name = "flight-delay",
            Signature = new ModelSignature([new TensorSpec("x", ElementType.Float32, TensorDimension.Free("batch"), TensorDimension.Fixed(3))], [new TensorSpec("y", ElementType.Float32, TensorDimension.Free("batch"))]),
            ProfileFile = "profile.json",
        });

    private static MemoryStream Archive(ModelPackage package)
    {
        var archive = new MemoryStream();
        PackageArchive.Write(package, archive);
        archive.Position = 0;
        return archive;
    }

    private sealed class BufferedForward(Stream from) : MemoryStream
    {
        public override bool CanSeek => false;

        public override int Read(byte[] buffer, int offset, int count) => from.Read(buffer, offset, Math.Min(count, 100));

        public override int Read(Span<byte> buffer) => from.Read(buffer[..Math.Min(buffer.Length, 100)]);
    }
}
