using System.Globalization;
using System.Text;

namespace Mlp.Benchmarks;

/// <summary>The measured table of README.md, between two marks; everything outside them stays.</summary>
internal static class ReadmeTable
{
    public const string Begin = "<!-- bench:begin -->";
    public const string End = "<!-- bench:end -->";

    /// <summary>The page with the table of these figures.</summary>
    /// <exception cref="FormatException">The page lacks the marks.</exception>
    public static string Rewrite(string page, IReadOnlyList<Figure> figures)
    {
        var begin = page.IndexOf(Begin, StringComparison.Ordinal);
        var end = page.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin)
        {
            throw new FormatException($"README.md lacks the lines {Begin} and {End}, between which the table goes.");
        }

        return $"{page[..begin]}{Begin}\n{Of(figures)}{page[end..]}";
    }

    private static string Of(IReadOnlyList<Figure> figures)
    {
        var text = new StringBuilder("| benchmark | case | Mlp | beside it | ratio |\n| --- | --- | --- | --- | --- |\n");
        foreach (var f in figures)
        {
            var theirs = f.Peer == Figure.Target ? $"target {Number(f.Theirs)} {f.Unit}" : $"{f.Peer}: {Number(f.Theirs)} {f.Unit}";
            text.Append(CultureInfo.InvariantCulture, $"| `{f.Bench}` | {f.Case} | {Number(f.Ours)} {f.Unit} | {theirs} | {Number(f.Ratio)} |\n");
        }

        return text.Append(CultureInfo.InvariantCulture, $"\nA ratio below 1 is better than the peer. Medians of interleaved runs on {string.Join(", ", figures.Select(f => f.Machine).Distinct())}.\n").ToString();
    }

    private static string Number(double value) => value.ToString("0.#####", CultureInfo.InvariantCulture);
}
