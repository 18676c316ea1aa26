using Mlp.Core;

namespace Mlp.Features;

/// <summary>Rows of a point-in-time join, with what was carried along; the caller's own, no later batch writes to it.</summary>
public sealed class FeatureBatch
{
    private readonly float[] _rows;
    private readonly DateTime[] _times;
    private readonly Column[] _columns;
    private readonly Array[] _values;

    internal FeatureBatch(int count, float[] rows, DateTime[] times, Column[] columns, Array[] values)
    {
        Count = count;
        _rows = rows;
        _times = times;
        _columns = columns;
        _values = values;
    }

    /// <summary>Number of rows.</summary>
    public int Count { get; }

    /// <summary>The features, row-major: <see cref="FeatureService.RowLength"/> floats a row.</summary>
    public ReadOnlySpan<float> Rows => _rows;

    /// <summary>The rows' times, UTC.</summary>
    public ReadOnlySpan<DateTime> Times => _times.AsSpan(0, Count);

    /// <summary>A column of integers that was carried along.</summary>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: there is none of that name and type.</exception>
    public ReadOnlySpan<long> Integers(string column) => Values<long>(column, ColumnType.Integer);

    /// <summary>A column of numbers that was carried along.</summary>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: there is none of that name and type.</exception>
    public ReadOnlySpan<double> Numbers(string column) => Values<double>(column, ColumnType.Number);

    /// <summary>A column of texts that was carried along.</summary>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: there is none of that name and type.</exception>
    public ReadOnlySpan<string> Texts(string column) => Values<string>(column, ColumnType.Text);

    private ReadOnlySpan<T> Values<T>(string name, ColumnType type)
    {
        var index = Array.FindIndex(_columns, c => c.Name == name && c.Type == type);
        return index >= 0
            ? ((T[])_values[index]).AsSpan(0, Count)
            : throw new MlpException(ErrorCodes.TensorMismatch, $"No {type} column '{name}' was carried along; there are {string.Join(", ", _columns.Select(c => $"{c.Name} ({c.Type})"))}.");
    }
}
