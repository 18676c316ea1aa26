using System.Xml.Linq;

namespace Mlp.Architecture.Tests;

/// <summary>A project as its csproj states it; its linked references are those whose assembly the compiler gets.</summary>
internal sealed record SourceProject(string Name, string Folder, string Sdk, IReadOnlyList<string> ProjectReferences, IReadOnlyList<string> LinkedReferences, IReadOnlyList<string> Packages, IReadOnlyList<string> AdditionalFiles)
{
    /// <summary>Its own files; a path is relative to the project's folder, with slashes.</summary>
    public IEnumerable<SourceFile> Files() =>
        Directory.EnumerateFiles(Folder, "*.cs", SearchOption.AllDirectories)
            .Select(path => (path, relative: Path.GetRelativePath(Folder, path).Replace('\\', '/')))
            .Where(f => !f.relative.Split('/')[..^1].Any(part => part is "bin" or "obj" or "artifacts"))
            .OrderBy(f => f.relative, StringComparer.Ordinal)
            .Select(f => new SourceFile(f.relative, File.ReadAllText(f.path)));

    public static SourceProject Read(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        var xml = XDocument.Load(path).Root!;
        return new SourceProject(
            Path.GetFileNameWithoutExtension(path),
            folder,
            xml.Attribute("Sdk")?.Value ?? "",
            [.. Includes(xml, "ProjectReference").Select(FullPath)],
            [.. xml.Descendants("ProjectReference").Where(e => e.Attribute("ReferenceOutputAssembly")?.Value != "false").Select(e => FullPath(e.Attribute("Include")!.Value))],
            [.. Includes(xml, "PackageReference")],
            [.. Includes(xml, "AdditionalFiles").Select(f => Path.GetFileName(f.Replace('\\', '/')))]);

        string FullPath(string include) => Path.GetFullPath(Path.Combine(folder, include.Replace('\\', '/')));
    }

    private static IEnumerable<string> Includes(XElement root, string item) =>
        root.Descendants(item).Select(e => e.Attribute("Include")?.Value).OfType<string>();
}

/// <summary>A source file: its path in the project, and its text.</summary>
internal sealed record SourceFile(string Path, string Text)
{
    /// <summary>The folder that it lies in; empty for the project's own.</summary>
    public string Folder => Path.LastIndexOf('/') is var slash and >= 0 ? Path[..slash] : "";
}
