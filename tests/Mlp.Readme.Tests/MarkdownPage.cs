namespace Mlp.Readme.Tests;

/// <summary>A fenced block of C#, with the page's line on which its first line stands.</summary>
internal sealed record CodeBlock(string Page, int Line, string Code)
{
    /// <summary>Whether the block goes on where the one before it on the page ended.</summary>
    public bool Continues => Code.TrimStart().StartsWith("// continues", StringComparison.Ordinal);
}

/// <summary>Finds code in Markdown.</summary>
internal static class MarkdownPage
{
    private const string Fence = "```";

    /// <summary>All blocks of a page that are fenced as <c>csharp</c>.</summary>
    /// <exception cref="FormatException">A fence is not closed, or C# is called by another name, under which it would not be compiled.</exception>
    public static IReadOnlyList<CodeBlock> BlocksOf(string page, string text)
    {
        var blocks = new List<CodeBlock>();
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith(Fence, StringComparison.Ordinal))
            {
                continue;
            }

            var language = lines[i][Fence.Length..].Trim();
            var first = i + 1;
            for (i = first; i < lines.Length && lines[i].TrimEnd() != Fence; i++)
            {
            }

            if (i == lines.Length)
            {
                throw new FormatException($"{page}({first}): the block is not closed.");
            }

            if (language.ToUpperInvariant() is "CS" or "C#" or "CSHARP" && language != "csharp")
            {
                throw new FormatException($"{page}({first}): the block is fenced as '{language}'; write 'csharp', so that it is compiled.");
            }

            if (language == "csharp")
            {
                blocks.Add(new CodeBlock(page, first + 1, string.Join('\n', lines[first..i])));
            }
        }

        return blocks;
    }

    /// <summary>The programs of a page: each block alone, or with those that continue it.</summary>
    public static IReadOnlyList<IReadOnlyList<CodeBlock>> ProgramsOf(string page, string text)
    {
        var programs = new List<List<CodeBlock>>();
        foreach (var block in BlocksOf(page, text))
        {
            if (!block.Continues)
            {
                programs.Add([block]);
            }
            else if (programs.Count == 0)
            {
                throw new FormatException($"{page}({block.Line}): there is no block before this one that it could continue.");
            }
            else
            {
                programs[^1].Add(block);
            }
        }

        return programs;
    }
}
