using System.Buffers.Binary;
using System.Globalization;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>How the rows of a latest view whose columns have changed since they were written become rows of its columns now.</summary>
/// <param name="Older">The view's records as they were written.</param>
/// <param name="Newer">As they are to be.</param>
/// <param name="Rows">From one to the other.</param>
internal sealed record ViewMigration(ViewPlan Older, ViewPlan Newer, RowMigration Rows)
{
    // A latest view's line: kind, name, entity, source, time to live, columns.
    private const int TimeToLiveAt = 4;
    private const int ColumnsAt = 5;
    private const int Parts = 6;

    /// <summary>Compares the definitions that a folder was made with and those that it is opened with.</summary>
    /// <returns>By the views' numbers, what has to be done; null where nothing has.</returns>
    /// <exception cref="MlpException"><see cref="FeatureErrors.SchemaMismatch"/>: older rows cannot follow; the message has the difference.</exception>
    public static ViewMigration?[]? Of(string folder, string there, ViewPlan[] plans)
    {
        var older = there.Split('\n');
        if (older.Select(ViewNumbers.NameOf).FirstOrDefault(name => !Array.Exists(plans, p => p.View.Name == name)) is { } lost)
        {
            throw Mismatch(folder, there, plans, $"- {lost}: the view is there and not here; a folder keeps its views.");
        }

        // Those behind were added.
        var migrations = new ViewMigration?[plans.Length];
        for (var i = 0; i < older.Length; i++)
        {
            if (older[i] != plans[i].View.Canonical)
            {
                migrations[i] = Of(older[i].Split('|', Parts), plans[i], reason => Mismatch(folder, there, plans, reason));
            }
        }

        return Array.TrueForAll(migrations, m => m is null) ? null : migrations;
    }

    /// <summary>The columns that a latest view's line states.</summary>
    /// <exception cref="FormatException">It states none.</exception>
    public static RowSchema SchemaOf(string line) => RowSchema.Parse(PartsOf(line)[ColumnsAt]);

    /// <summary>The time to live that a latest view's line states.</summary>
    public static TimeSpan? TimeToLiveOf(string line) =>
        PartsOf(line)[TimeToLiveAt] is { Length: > 0 } ticks ? TimeSpan.FromTicks(long.Parse(ticks, NumberStyles.None, CultureInfo.InvariantCulture)) : null;

    /// <summary>Turns an entity's record.</summary>
    public void Turn(RowWriter writer, EntityKey entity)
    {
        var record = writer.RecordOf(Older, entity);
        var word = BinaryPrimitives.ReadInt64LittleEndian(record);
        var micros = LatestPlan.MicrosOf(word);
        if ((word & LatestPlan.Deleted) != 0)
        {
            writer.Delete(Newer, entity, micros, always: true);
            return;
        }

        var row = RowStorage.RowOf(Older.Latest, record);
        var turned = new byte[Rows.LengthOf(row)];
        Rows.Migrate(row, turned);
        var created = Older.Latest.HasCreated ? BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(sizeof(long))) : micros;
        writer.Put(Newer, entity, micros, created, turned, always: true);
    }

    private static string[] PartsOf(string line) => line.Split('|', Parts) is { Length: Parts } parts ? parts : throw new FormatException($"'{line}' is no latest view.");

    // The time to live is a reader's matter; the columns may change as rows can follow; nothing else may.
    private static ViewMigration? Of(string[] older, ViewPlan plan, Func<string?, MlpException> mismatch)
    {
        var newer = plan.View.Canonical.Split('|', Parts);
        if (older.Length != Parts || plan.View is not LatestView || !older.AsSpan(0, TimeToLiveAt).SequenceEqual(newer.AsSpan(0, TimeToLiveAt)))
        {
            throw mismatch(null);
        }

        try
        {
            var schema = RowSchema.Parse(older[ColumnsAt]);
            var rows = RowMigration.Of(schema, plan.View.Schema);
            return rows.IsIdentity ? null : new ViewMigration(plan.OfOlder(schema), plan, rows);
        }
        catch (Exception e) when (e is FormatException or MlpException)
        {
            throw mismatch(e.Message);
        }
    }

    private static MlpException Mismatch(string folder, string there, ViewPlan[] plans, string? reason) => new(
        FeatureErrors.SchemaMismatch,
        $"The store in {folder} was made for other definitions: open it with those, or remove the folder and materialise again.{(reason is null ? "" : $"\n{reason}")}\nthere:\n{there}\nhere:\n{string.Join('\n', plans.Select(p => p.View.Canonical))}");
}
