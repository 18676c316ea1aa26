using System.Text.RegularExpressions;

namespace Mlp.Architecture.Tests;

/// <summary>Who may know whom, as the table of docs/architecture.md states it.</summary>
internal sealed partial class ReferenceLaw
{
    private readonly Dictionary<string, HashSet<string>> _knows;

    private ReferenceLaw(Dictionary<string, HashSet<string>> knows) => _knows = knows;

    public IEnumerable<string> Projects => _knows.Keys;

    /// <summary>Reads the rows <c>| `Mlp.Name` | what it holds | whom it knows |</c> of a page.</summary>
    /// <exception cref="FormatException">There is no such row, or one names a project that has none.</exception>
    public static ReferenceLaw Read(string page)
    {
        var rows = Row().Matches(page).ToDictionary(m => m.Groups["name"].Value, m => m.Groups["knows"].Value.Trim(), StringComparer.Ordinal);
        if (rows.Count == 0)
        {
            throw new FormatException("The page has no row `| `Mlp.Name` | holds | knows |`.");
        }

        var knows = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var (name, text) in rows)
        {
            IEnumerable<string> names = text switch
            {
                "nothing" => [],
                _ => text.Split(',', StringSplitOptions.TrimEntries).Select(n => $"Mlp.{n}"),
            };
            knows[name] = [.. names];
            if (knows[name].FirstOrDefault(n => !rows.ContainsKey(n)) is { } unknown)
            {
                throw new FormatException($"The row of {name} names {unknown}, which has no row of its own.");
            }
        }

        return new ReferenceLaw(knows);
    }

    /// <summary>The arrows that no row allows, in words.</summary>
    /// <param name="arrows">From one project to another.</param>
    public IEnumerable<string> Violations(IEnumerable<(string From, string To)> arrows) => arrows
        .Where(a => !_knows.TryGetValue(a.From, out var allowed) || !allowed.Contains(a.To))
        .Select(a => _knows.TryGetValue(a.From, out var allowed)
            ? $"{a.From} knows {a.To}; it may know {(allowed.Count == 0 ? "nothing" : string.Join(", ", allowed.Order(StringComparer.Ordinal)))}."
            : $"{a.From} has no row in docs/architecture.md.");

    /// <summary>What the rows allow and no arrow uses, in words: a row that allows more than is needed holds nothing.</summary>
    /// <param name="arrows">From one project to another.</param>
    public IEnumerable<string> Unused(IEnumerable<(string From, string To)> arrows) => _knows
        .SelectMany(row => row.Value.Order(StringComparer.Ordinal).Select(to => (From: row.Key, To: to)))
        .Except(arrows)
        .Select(a => $"The row of {a.From} names {a.To}, which it does not know.");

    /// <summary>Everything that a project knows, directly or through others.</summary>
    public static HashSet<string> Reach(string from, IReadOnlyCollection<(string From, string To)> arrows)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new Stack<string>([from]);
        while (waiting.TryPop(out var project))
        {
            foreach (var (_, to) in arrows.Where(a => a.From == project))
            {
                if (reached.Add(to))
                {
                    waiting.Push(to);
                }
            }
        }

        return reached;
    }

    [GeneratedRegex(@"^\|\s*`(?<name>Mlp\.[A-Za-z.]+)`\s*\|[^|\n]*\|(?<knows>[^|\n]*)\|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
