using System.Text.RegularExpressions;

namespace Mlp.Packages.Tests;

/// <summary>The page of a package, as somebody without a checkout sees it.</summary>
internal static partial class PackagePage
{
    /// <summary>Links and images of a page in Markdown that lead to no address of their own; code is no link.</summary>
    public static IEnumerable<string> RelativeLinks(string page) => Link().Matches(Code().Replace(page, ""))
        .Select(link => link.Groups["to"].Value)
        .Where(to => !to.StartsWith("https://", StringComparison.Ordinal));

    [GeneratedRegex("""^```.*?^```|`[^`\n]*`""", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex("""\]\((?:<(?<to>[^>]*)>|(?<to>[^)\s]*))|^\s*\[[^\]\n]+\]:\s*(?<to>\S+)|\b(?:src|href)\s*=\s*["'](?<to>[^"']*)""", RegexOptions.Multiline)]
    private static partial Regex Link();
}
