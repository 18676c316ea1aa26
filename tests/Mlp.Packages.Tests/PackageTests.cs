using System.Reflection.Metadata;
using System.Text.Json;
using System.Xml.Linq;
using Mlp.Tests;

namespace Mlp.Packages.Tests;

public sealed class PackageTests(LocalFeed feed) : IClassFixture<LocalFeed>
{
    private static readonly Guid SourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");

    [Fact]
    public void Every_library_becomes_a_package_with_symbols_and_nothing_else_does()
    {
        Assert.Equal(feed.Libraries.Select(l => $"{l}.{feed.Version}.nupkg"), Names("*.nupkg"));
        Assert.Equal(feed.Libraries.Select(l => $"{l}.{feed.Version}.snupkg"), Names("*.snupkg"));
    }

    [Fact]
    public void Without_a_tag_the_version_is_a_preview() =>
        Assert.StartsWith("0.0.0-preview.0", feed.Version, StringComparison.Ordinal);

    [Fact]
    public async Task Every_library_can_be_released_as_a_stable_version_without_a_warning()
    {
        // NuGet warns (NU5104), and so fails here, where a stable package depends on a preview.
        var (folder, run) = await feed.PackAsync("1.0.0");
        Assert.True(run.ExitCode == 0 && run.Output.Trim().Length == 0, run.Output);
        Assert.Equal(feed.Libraries.Select(l => $"{l}.1.0.0.nupkg"), Names("*.nupkg", folder));
    }

    [Fact]
    public void A_package_s_page_is_about_its_library_and_links_into_no_checkout()
    {
        foreach (var library in feed.Libraries)
        {
            var page = feed.Page(library);
            Assert.Contains(library, string.Join('\n', page.Split('\n').Take(5)), StringComparison.Ordinal);
            Assert.Empty(PackagePage.RelativeLinks(page).Select(link => $"{library}: {link}"));
        }
    }

    [Theory]
    [InlineData("see [core](docs/core.md)", "docs/core.md")]
    [InlineData("![plot](images/a.png)", "images/a.png")]
    [InlineData("[![badge](a.svg)](https://example.org)", "a.svg")]
    [InlineData("[below](#errors)", "#errors")]
    [InlineData("[angle](<docs/a b.md>)", "docs/a b.md")]
    [InlineData("[page]: docs/core.md", "docs/core.md")]
    [InlineData("<img width=\"5\" src='images/a.png'>", "images/a.png")]
    [InlineData("<a href=\"/LICENSE\">", "/LICENSE")]
    public void A_link_into_a_checkout_is_found(string page, string link) =>
        Assert.Equal([link], PackagePage.RelativeLinks($"One.\n\n{page}\n"));

    [Theory]
    [InlineData("[dot](https://dot.net) and `values[i](x)`")]
    [InlineData("```csharp\nvar a = rows[0](1);\n```")]
    [InlineData("<a href=\"https://dot.net\">")]
    public void What_is_no_link_into_a_checkout_is_left_alone(string page) =>
        Assert.Empty(PackagePage.RelativeLinks(page));

    [Fact]
    public void Every_package_states_licence_readme_description_and_repository()
    {
        foreach (var library in feed.Libraries)
        {
            var metadata = feed.Metadata(library);
            Assert.Equal(("MIT", "expression"), (metadata.Element("license")?.Value, metadata.Element("license")?.Attribute("type")?.Value));
            Assert.Equal("README.md", metadata.Element("readme")?.Value);
            Assert.EndsWith(".", metadata.Element("description")?.Value, StringComparison.Ordinal);
            Assert.StartsWith(LocalFeed.Origin, metadata.Element("repository")?.Attribute("url")?.Value, StringComparison.Ordinal);
            Assert.Matches("^[0-9a-f]{40}$", metadata.Element("repository")?.Attribute("commit")?.Value);
            using var package = feed.Open(library);
            Assert.NotEqual(0, package.GetEntry("README.md")?.Length ?? 0);
            Assert.NotNull(package.GetEntry($"lib/net10.0/{library}.dll"));
            Assert.NotNull(package.GetEntry($"lib/net10.0/{library}.xml"));
        }
    }

    [Theory]
    [InlineData("Mlp.Inference")]
    [InlineData("Mlp.Features")]
    public void A_generator_travels_inside_its_library(string library)
    {
        using var package = feed.Open(library);
        Assert.NotNull(package.GetEntry($"analyzers/dotnet/cs/{library}.Generators.dll"));
        Assert.Single(package.Entries, e => e.FullName.StartsWith("analyzers/", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_package_depends_on_exactly_what_its_project_references()
    {
        foreach (var library in feed.Libraries)
        {
            var project = XDocument.Load(Checkout.At("src", library, $"{library}.csproj")).Root!;
            var projects = project.Descendants("ProjectReference").Where(r => (string?)r.Attribute("PrivateAssets") != "all").Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')));
            var packages = project.Descendants("PackageReference").Where(r => (string?)r.Attribute("PrivateAssets") != "all").Select(r => r.Attribute("Include")!.Value);
            var dependencies = feed.Metadata(library).Descendants("dependency").ToDictionary(d => d.Attribute("id")!.Value, d => d.Attribute("version")!.Value);
            Assert.Equal(projects.Concat(packages).Order(StringComparer.Ordinal), dependencies.Keys.Order(StringComparer.Ordinal));
            Assert.All(dependencies.Where(d => feed.Libraries.Contains(d.Key)), d => Assert.Equal(feed.Version, d.Value));
        }
    }

    [Fact]
    public void Symbols_link_to_the_sources_of_their_commit()
    {
        foreach (var library in feed.Libraries)
        {
            using var symbols = feed.Open(library, "snupkg");
            using var bytes = new MemoryStream();
            using (var entry = symbols.GetEntry($"lib/net10.0/{library}.pdb")!.Open())
            {
                entry.CopyTo(bytes);
            }

            bytes.Position = 0;
            using var provider = MetadataReaderProvider.FromPortablePdbStream(bytes);
            var reader = provider.GetMetadataReader();
            var links = reader.CustomDebugInformation.Select(reader.GetCustomDebugInformation).Where(i => reader.GetGuid(i.Kind) == SourceLink).Select(i => System.Text.Encoding.UTF8.GetString(reader.GetBlobBytes(i.Value)));
            var commit = feed.Metadata(library).Element("repository")!.Attribute("commit")!.Value;
            Assert.Contains($"https://raw.githubusercontent.com/example/mlp/{commit}/", Assert.Single(links), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_new_program_restores_the_packages_and_predicts()
    {
        var folder = Directory.CreateTempSubdirectory("mlp-consumer-").FullName;
        try
        {
            var packages = Path.Combine(folder, "packages");
            var global = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } named ? named : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
            File.Copy(Path.Combine(AppContext.BaseDirectory, "Consumer", "Program.cs"), Path.Combine(folder, "Program.cs"));
            new XElement("Project", new XAttribute("Sdk", "Microsoft.NET.Sdk"),
                new XElement("PropertyGroup", new XElement("OutputType", "Exe"), new XElement("TargetFramework", "net10.0"), new XElement("Nullable", "enable"), new XElement("ImplicitUsings", "enable")),
                new XElement("ItemGroup", feed.Libraries.Where(l => l != "Mlp.Inference").Select(l => new XElement("PackageReference", new XAttribute("Include", l), new XAttribute("Version", $"[{feed.Version}]")))))
                .Save(Path.Combine(folder, "Consumer.csproj"));

            // The machine's own sources stay; what they hold and this machine already has is read where it lies.
            new XElement("configuration",
                new XElement("fallbackPackageFolders", new XElement("add", new XAttribute("key", "machine"), new XAttribute("value", Directory.CreateDirectory(global).FullName))))
                .Save(Path.Combine(folder, "nuget.config"));

            // As the README says it.
            var added = await Command.RunAsync("dotnet", folder, ["nuget", "add", "source", feed.Folder, "--name", "mlp", "--configfile", "nuget.config"], ("NUGET_PACKAGES", packages));
            Assert.True(added.ExitCode == 0, added.Output);
            added = await Command.RunAsync("dotnet", folder, ["add", "package", "Mlp.Inference", "--prerelease"], ("NUGET_PACKAGES", packages));
            Assert.True(added.ExitCode == 0, added.Output);
            var build = await Command.RunAsync("dotnet", folder, ["build", "-c", "Release", "-o", "out", "-nologo", "-v", "quiet"], ("NUGET_PACKAGES", packages));
            Assert.True(build.ExitCode == 0, build.Output);
            foreach (var library in feed.Libraries)
            {
                using var origin = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(packages, library.ToLowerInvariant(), feed.Version, ".nupkg.metadata"), TestContext.Current.CancellationToken));
                Assert.Equal(feed.Folder, origin.RootElement.GetProperty("source").GetString());
            }

            var run = await Command.RunAsync("dotnet", folder, [Path.Combine("out", "Consumer.dll")]);
            Assert.Equal((0, "0.5000 0.8808\n0.8808\nkilometres: float?"), (run.ExitCode, run.Output.Trim().ReplaceLineEndings("\n")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private IEnumerable<string?> Names(string pattern, string? folder = null) => Directory.EnumerateFiles(folder ?? feed.Folder, pattern).Select(Path.GetFileName).Order(StringComparer.Ordinal);
}
