using Mlp.Core;

namespace Mlp.Features;

/// <summary>Which number a view has in the keys of its records: for ever that which it got when it came to the folder, whatever views come later and in whatever order they are given.</summary>
internal static class ViewNumbers
{
    private const int NameAt = 1;

    /// <summary>Numbers views.</summary>
    /// <param name="views">Those that the folder is opened for.</param>
    /// <param name="manifest">What the folder states of its own; null for a new one.</param>
    /// <param name="journal">What its journal states; null where there is none.</param>
    public static ViewPlan[] Of(EntityView[] views, StoreManifest? manifest, JournalHeader? journal)
    {
        var left = views.ToList();
        var ordered = new List<EntityView>();

        // The journal's are those of the checkpoint, and what was added since.
        foreach (var line in LinesOf(manifest?.Schema).Concat(journal is null ? [] : OlderJournal.ViewsOf(journal.Schema)))
        {
            var name = NameOf(line);
            if (left.FindIndex(v => v.Name == name) is var at and >= 0)
            {
                ordered.Add(left[at]);
                left.RemoveAt(at);
            }
        }

        return [.. ordered.Concat(left).Select(ViewPlan.Of)];
    }

    /// <summary>The name of the view that a line states.</summary>
    public static string NameOf(string line) => line.Split('|', NameAt + 2) is { Length: > NameAt } parts ? parts[NameAt] : line;

    private static string[] LinesOf(string? schema) => schema?.Split('\n') ?? [];
}
