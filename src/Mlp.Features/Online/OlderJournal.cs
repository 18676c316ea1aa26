using System.Globalization;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>
/// A journal with entries that were written for other definitions: of events by the columns that their sources had, of rows by those that their views had. They are repeated for
/// those, and the rows then follow.
/// </summary>
internal static class OlderJournal
{
    private const string SourcesLine = "sources ";

    /// <summary>What entries speak of: the views; by which view's number an event of each one's source is written down; the columns of these sources.</summary>
    public static string SchemaOf(ViewPlan[] plans)
    {
        var first = Array.ConvertAll(plans, p => Array.FindIndex(plans, other => other.View.Source == p.View.Source));
        return string.Join('\n', [
            .. plans.Select(p => p.View.Canonical),
            SourcesLine + string.Join(' ', first),
            .. first.Distinct().Select(at => new RowSchema(plans[at].View.Source.Columns).Canonical),
        ]);
    }

    /// <summary>The definitions that a folder's journal has entries of, should they be others than those that the folder is opened for.</summary>
    /// <returns>Their plans; null where there is nothing to repeat, or it can be repeated as it is.</returns>
    /// <exception cref="MlpException"><see cref="FeatureErrors.SchemaMismatch"/>: what is in the journal cannot follow; <see cref="FeatureErrors.StoreDamaged"/>.</exception>
    public static ViewPlan[]? Of(string folder, OnlineStoreOptions options, StoreManifest? manifest, ViewPlan[] plans)
    {
        var layout = new JournalLayout(folder, options.JournalPageBytes);
        if (JournalHeader.Read(layout) is not { } header || header.Schema == SchemaOf(plans) || header.PlaceBehind(layout, manifest) is not { } from || IsEmpty(layout with { PageBytes = header.PageBytes }, from))
        {
            return null;
        }

        var views = ViewsOf(header.Schema);
        ViewMigration.Of(folder, string.Join('\n', views), plans);
        try
        {
            var older = Plans(views, header.Schema.Split('\n')[views.Length..], plans);
            if (SchemaOf(older) == header.Schema)
            {
                return older;
            }
        }
        catch (Exception e) when (e is FormatException or ArgumentException or IndexOutOfRangeException)
        {
            throw Mismatch(layout, header, plans, e);
        }

        throw Mismatch(layout, header, plans, null);
    }

    /// <summary>The lines of a journal's views.</summary>
    public static string[] ViewsOf(string schema) => [.. schema.Split('\n').TakeWhile(line => !line.StartsWith(SourcesLine, StringComparison.Ordinal))];

    private static bool IsEmpty(JournalLayout layout, JournalPlace from)
    {
        var isEmpty = true;
        Journal.Read(layout, from, body =>
        {
            isEmpty = (JournalEntryKind)body[0] == JournalEntryKind.Load;
            return false;
        });
        return isEmpty;
    }

    // The views are the same but for what rows can follow, so that all else of them is taken from those of now.
    private static ViewPlan[] Plans(string[] views, string[] sources, ViewPlan[] plans)
    {
        var first = Array.ConvertAll(sources[0][SourcesLine.Length..].Split(' '), index => int.Parse(index, NumberStyles.None, CultureInfo.InvariantCulture));
        var columns = sources.AsSpan(1);
        var older = new ViewPlan[views.Length];
        for (var (i, next) = (0, 0); i < older.Length; i++)
        {
            var source = first[i] < i ? older[first[i]].View.Source : plans[i].View.Source.WithColumns(RowSchema.Parse(columns[next++]).Columns);
            older[i] = ViewPlan.Of(Older(plans[i].View, source, views[i]), i);
        }

        return older;
    }

    private static EntityView Older(EntityView view, EventSource source, string line) => view switch
    {
        WindowedView windowed => windowed.Over(source),
        LatestView latest => new LatestView(latest.Name, latest.Entity, source, ViewMigration.SchemaOf(line).Columns.ToArray().Select(c => c.Name).ToArray(), ViewMigration.TimeToLiveOf(line)),
        _ => throw new ArgumentException($"The view '{view.Name}' is of a kind that is not stored."),
    };

    private static MlpException Mismatch(JournalLayout layout, JournalHeader header, ViewPlan[] plans, Exception? cause) => new(
        FeatureErrors.SchemaMismatch,
        $"The journal in {layout.Folder} has entries that were written for other definitions: open the store with those and make a checkpoint (CheckpointAsync), then with these.{(cause is null ? "" : $"\n{cause.Message}")}\nthere:\n{header.Schema}\nhere:\n{SchemaOf(plans)}",
        cause);
}
