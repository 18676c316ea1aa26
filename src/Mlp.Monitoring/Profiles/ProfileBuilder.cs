using Mlp.Core;

namespace Mlp.Monitoring;

/// <summary>Profiles rows as they come, in memory that does not grow with them. Not safe for several threads at once: give each its own and merge.</summary>
public sealed class ProfileBuilder
{
    private readonly string[] _names;
    private readonly Moments[] _moments;
    private readonly QuantileSketch[] _sketches;

    /// <summary>Starts a profile of no rows.</summary>
    /// <param name="columnNames">The columns' names, in their order in a row; each once.</param>
    /// <param name="options">Accuracy and bounds; null for the defaults.</param>
    /// <exception cref="MonitoringException">
    /// <see cref="MonitoringErrors.InputInvalid"/>: no column, an empty name, or a name twice; <see cref="ErrorCodes.LimitReached"/>: too many columns.
    /// </exception>
    public ProfileBuilder(IReadOnlyList<string> columnNames, ProfileOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(columnNames);
        options ??= ProfileOptions.Default;
        options.Validate();
        if (columnNames.Count > options.ColumnsMax)
        {
            throw new MonitoringException(ErrorCodes.LimitReached, $"{columnNames.Count} columns are more than the {options.ColumnsMax} allowed ({nameof(ProfileOptions.ColumnsMax)}).");
        }

        if (columnNames.Count == 0)
        {
            throw new MonitoringException(MonitoringErrors.InputInvalid, "A profile needs at least one column.");
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        _names = new string[columnNames.Count];
        _moments = new Moments[_names.Length];
        _sketches = new QuantileSketch[_names.Length];
        for (var column = 0; column < _names.Length; column++)
        {
            var name = columnNames[column];
            if (string.IsNullOrEmpty(name) || !seen.Add(name))
            {
                throw new MonitoringException(MonitoringErrors.InputInvalid, $"Column {column} has the name '{name}'; expected names that are not empty, each once.");
            }

            _names[column] = name;
            _moments[column] = new Moments();
            _sketches[column] = new QuantileSketch(options.SketchK, options.Seed);
        }
    }

    /// <summary>Rows seen.</summary>
    public long Rows { get; private set; }

    /// <summary>Adds rows.</summary>
    /// <param name="rows">Whole rows one after the other (row-major). NaN and the infinities count as missing.</param>
    /// <exception cref="MonitoringException"><see cref="MonitoringErrors.InputInvalid"/>: the length is no multiple of the columns.</exception>
    public void Add(ReadOnlySpan<float> rows)
    {
        if (rows.Length % _names.Length != 0)
        {
            throw new MonitoringException(MonitoringErrors.InputInvalid, $"{rows.Length} values are no whole rows of {_names.Length} columns.");
        }

        for (var at = 0; at < rows.Length; at += _names.Length)
        {
            for (var column = 0; column < _names.Length; column++)
            {
                var value = rows[at + column];
                if (_moments[column].Add(value))
                {
                    _sketches[column].Add(value);
                }
            }
        }

        Rows += rows.Length / _names.Length;
    }

    /// <summary>The profile of the rows so far; the builder can go on.</summary>
    public DataProfile Build()
    {
        var columns = new ColumnProfile[_names.Length];
        for (var column = 0; column < columns.Length; column++)
        {
            columns[column] = new ColumnProfile(_names[column], _moments[column].Clone(), _sketches[column].Clone());
        }

        return new DataProfile(Rows, columns);
    }
}
