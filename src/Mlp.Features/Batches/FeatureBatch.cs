using Mlp.Core;

namespace Mlp.Features;

/// <summary>Rows of a point-in-time join, with what was carried along; the caller's own, no later batch writes to it.</summary>
public sealed class FeatureBatch
{
    private readonly float[] _rows;
    private readonly DateTime[] _times;
    private readonly FeatureColumn[] _carried;
    private readonly FeatureColumn[] _features;

    internal FeatureBatch(int count, float[] rows, DateTime[] times, FeatureColumn[] carried, FeatureColumn[] features)
    {
        Count = count;
        _rows = rows;
        _times = times;
        _carried = carried;
        _features = features;
    }

    /// <summary>Number of rows.</summary>
    public int Count { get; }

    /// <summary>The features that have a place in a tensor, row-major: <see cref="FeatureService.RowLength"/> floats a row.</summary>
    public ReadOnlySpan<float> Rows => _rows;

    /// <summary>The rows' times, UTC.</summary>
    public ReadOnlySpan<DateTime> Times => _times.AsSpan(0, Count);

    /// <summary>The columns that were carried along, in their order.</summary>
    public ReadOnlySpan<FeatureColumn> Carried => _carried;

    /// <summary>The features with their own types, view by view.</summary>
    public ReadOnlySpan<FeatureColumn> Features => _features;

    /// <summary>A column that was carried along, by its name, or a feature, by view, dot, feature.</summary>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: there is none of that name.</exception>
    public FeatureColumn this[string name] => Array.Find(_carried, c => c.Name == name) ?? Array.Find(_features, f => f.Name == name)
        ?? throw new MlpException(ErrorCodes.TensorMismatch, $"There is no column '{name}'; there are {Names([.. _carried, .. _features])}.");

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
        var column = Array.Find(_carried, c => c.Name == name && c.Column.Type == type);
        return column is not null
            ? column.Values<T>()
            : throw new MlpException(ErrorCodes.TensorMismatch, $"No {type} column '{name}' was carried along; there are {Names(_carried)}.");
    }

    private static string Names(IEnumerable<FeatureColumn> columns) => string.Join(", ", columns.Select(c => $"{c.Name} ({c.Column.Type})"));
}
