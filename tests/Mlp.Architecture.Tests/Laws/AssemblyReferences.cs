using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Mlp.Architecture.Tests;

/// <summary>What a compiled library really uses: the compiler writes down only assemblies that the code touches, however it came to see them.</summary>
internal static class AssemblyReferences
{
    public static IReadOnlyList<string> Of(string assembly)
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, $"{assembly}.dll")));
        var metadata = file.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
    }
}
