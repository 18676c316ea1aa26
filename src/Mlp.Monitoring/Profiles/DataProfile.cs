namespace Mlp.Monitoring;

/// <summary>What is known of a set of rows: its columns' profiles. A package carries that of its validation data as <c>profile.json</c>, the reference for drift. Immutable.</summary>
public sealed class DataProfile
{
    /// <summary>The file's usual name in a package.</summary>
    public const string FileName = "profile.json";

    /// <remarks>Owns what it is given.</remarks>
    internal DataProfile(long rows, ColumnProfile[] columns)
    {
        Rows = rows;
        Columns = columns;
    }

    /// <summary>Rows that were profiled.</summary>
    public long Rows { get; }

    /// <summary>The columns, in their order in a row.</summary>
    public IReadOnlyList<ColumnProfile> Columns { get; }

    /// <summary>The profile of the rows of both. Neither is changed.</summary>
    /// <exception cref="MonitoringException"><see cref="MonitoringErrors.ProfilesDiffer"/>: other columns, or sketches of another accuracy.</exception>
    public DataProfile Merge(DataProfile other)
    {
        ArgumentNullException.ThrowIfNull(other);
        RequireSameColumns(other);
        var columns = new ColumnProfile[Columns.Count];
        for (var column = 0; column < columns.Length; column++)
        {
            columns[column] = Columns[column].Merge(other.Columns[column]);
        }

        return new DataProfile(Rows + other.Rows, columns);
    }

    internal void RequireSameColumns(DataProfile other)
    {
        if (other.Columns.Count != Columns.Count)
        {
            throw new MonitoringException(MonitoringErrors.ProfilesDiffer, $"The profiles have {Columns.Count} and {other.Columns.Count} columns; expected the same columns.");
        }

        for (var column = 0; column < Columns.Count; column++)
        {
            if (Columns[column].Name != other.Columns[column].Name)
            {
                throw new MonitoringException(MonitoringErrors.ProfilesDiffer, $"Column {column} is '{Columns[column].Name}' in one profile and '{other.Columns[column].Name}' in the other; expected the same columns.");
            }
        }
    }
}
