using System.IO.Compression;
using System.Xml.Linq;
using Mlp.Tests;

namespace Mlp.Packages.Tests;

/// <summary>
/// All libraries packed into a folder, from a shallow clone of one commit with the state of the working tree and without a tag: what a build
/// server has. Its origin is a place that source links can point to.
/// </summary>
public sealed class LocalFeed : IAsyncLifetime
{
    internal const string Origin = "https://github.com/example/mlp";

    private readonly string _folder = Directory.CreateTempSubdirectory("mlp-packages-").FullName;

    public string Folder => Path.Combine(_folder, "feed");

    /// <summary>Names of the projects that should have become packages.</summary>
    public IReadOnlyList<string> Libraries { get; } =
        [.. Directory.EnumerateFiles(Checkout.At("src"), "*.csproj", SearchOption.AllDirectories).Where(p => !File.ReadAllText(p).Contains("<IsPackable>false</IsPackable>", StringComparison.Ordinal)).Select(p => Path.GetFileNameWithoutExtension(p)).Order(StringComparer.Ordinal)];

    public string Version { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        var work = Path.Combine(_folder, "work");
        var clone = Path.Combine(_folder, "clone");
        string[] parts = ["src", "docs", "eng", "README.md", "LICENSE", "global.json", "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", ".editorconfig", ".gitattributes", ".gitignore"];
        var listed = await GitAsync(Checkout.Root, ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", .. parts]);
        foreach (var file in listed.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(f => f.Trim('\n')).Where(f => File.Exists(Checkout.At(f))))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(work, file))!);
            File.Copy(Checkout.At(file), Path.Combine(work, file));
        }

        await GitAsync(work, "init", "-q");
        await GitAsync(work, "add", "-A");
        string[] author = ["-c", "user.name=Mlp", "-c", "user.email=mlp@example.com", "-c", "commit.gpgsign=false"];
        await GitAsync(work, [.. author, "commit", "-q", "-m", "All"]);
        await GitAsync(work, [.. author, "commit", "-q", "--allow-empty", "-m", "More"]);
        await GitAsync(_folder, "clone", "-q", "--depth", "1", new Uri(work).AbsoluteUri, clone);
        await GitAsync(clone, "remote", "set-url", "origin", $"{Origin}.git");

        File.Copy(Path.Combine(AppContext.BaseDirectory, "PackAll.targets"), Path.Combine(clone, "PackAll.targets"));
        var run = await RunPackAsync($"-p:Feed={Folder}");
        Assert.True(run.ExitCode == 0, run.Output);
        Version = Path.GetFileNameWithoutExtension(Directory.EnumerateFiles(Folder, "Mlp.Core.*.nupkg").Single())["Mlp.Core.".Length..];
    }

    /// <summary>Packs the same libraries as another version, into a folder of its own.</summary>
    internal async Task<(string Feed, Command Run)> PackAsync(string version)
    {
        var feed = Path.Combine(_folder, version);
        return (feed, await RunPackAsync("-t:PackAgain", $"-p:Feed={feed}", $"-p:As={version}"));
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>Opens a package or its symbols.</summary>
    public ZipArchive Open(string library, string extension = "nupkg") => ZipFile.OpenRead(Path.Combine(Folder, $"{library}.{Version}.{extension}"));

    /// <summary>The page that a package shows.</summary>
    public string Page(string library)
    {
        using var package = Open(library);
        using var page = new StreamReader(package.GetEntry("README.md")!.Open());
        return page.ReadToEnd();
    }

    /// <summary>What a package says about itself.</summary>
    public XElement Metadata(string library)
    {
        using var package = Open(library);
        using var nuspec = package.GetEntry($"{library}.nuspec")!.Open();
        return WithoutNamespaces(XDocument.Load(nuspec).Root!).Element("metadata")!;
    }

    private Task<Command> RunPackAsync(params string[] arguments) =>
        Command.RunAsync("dotnet", Path.Combine(_folder, "clone"), ["msbuild", "PackAll.targets", .. arguments, "-v:quiet", "-nologo", "-m"]);

    private static XElement WithoutNamespaces(XElement element) =>
        new(element.Name.LocalName, element.Attributes().Where(a => !a.IsNamespaceDeclaration), element.HasElements ? element.Elements().Select(WithoutNamespaces) : element.Value);

    private static async Task<string> GitAsync(string folder, params string[] arguments)
    {
        // A hook that calls the tests names its own repository by these.
        var run = await Command.RunAsync("git", folder, ["-c", "core.hooksPath=/dev/null", "-c", "init.defaultBranch=main", .. arguments], ("GIT_DIR", null), ("GIT_WORK_TREE", null), ("GIT_INDEX_FILE", null));
        Assert.True(run.ExitCode == 0, $"'git {string.Join(' ', arguments)}' ended with {run.ExitCode}:\n{run.Output}");
        return run.Output;
    }
}
