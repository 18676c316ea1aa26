using Microsoft.ML;
using Microsoft.ML.Data;
using Mlp.Features;

namespace Mlp.MLNet;

/// <summary>
/// A point-in-time join as ML.NET's data: the vector <see cref="FeaturesColumn"/> of <see cref="FeatureService.RowLength"/> floats with their names, and the
/// columns that are carried along. Nothing is kept: each pass over the data runs the join again, which gives the same rows in the same order, so wrap it in
/// ML.NET's cache (<c>Data.Cache</c>), or join into a Parquet file, where a trainer goes over it often.
/// </summary>
public sealed class FeatureDataView : IDataView
{
    /// <summary>The name of the features' column.</summary>
    public const string FeaturesColumn = "Features";

    private readonly OfflineStore _store;
    private readonly FeatureService _service;
    private readonly EntityRows _entities;

    /// <summary>Declares the data; the join runs when it is read.</summary>
    /// <param name="store">The offline store.</param>
    /// <param name="service">What to bring.</param>
    /// <param name="entities">Keys, times and columns to carry along, such as the label: scalars, and no halves or GUIDs. ML.NET has a value for every row, so one that is missing is 0, NaN or an empty text.</param>
    /// <exception cref="ArgumentException">A carried column is of a type that ML.NET has not, or is called as the features are.</exception>
    public FeatureDataView(OfflineStore store, FeatureService service, EntityRows entities)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(service);
        ArgumentNullException.ThrowIfNull(entities);
        _store = store;
        _service = service;
        _entities = entities;
        var schema = new DataViewSchema.Builder();
        var names = new DataViewSchema.Annotations.Builder();
        names.Add("SlotNames", new VectorDataViewType(TextDataViewType.Instance, service.RowLength), (ref VBuffer<ReadOnlyMemory<char>> slots) => slots = new VBuffer<ReadOnlyMemory<char>>(_service.RowLength, [.. _service.Features.ToArray().Select(f => f.AsMemory())]));
        schema.AddColumn(FeaturesColumn, new VectorDataViewType(NumberDataViewType.Single, service.RowLength), names.ToAnnotations());
        foreach (var column in entities.Columns)
        {
            schema.AddColumn(column.Name, TypeOf(column));
        }

        Schema = schema.ToSchema();
    }

    /// <inheritdoc/>
    public DataViewSchema Schema { get; }

    /// <inheritdoc/>
    public bool CanShuffle => false;

    /// <summary>Not known before the join has run.</summary>
    public long? GetRowCount() => null;

    /// <inheritdoc/>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(this, [.. columnsNeeded.Select(c => c.Index)]);

    /// <inheritdoc/>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    private static DataViewType TypeOf(Column column) => (column.Type.IsScalar && column.Name != FeaturesColumn ? column.Type.Kind : ColumnKind.Guid) switch
    {
        ColumnKind.Bool => BooleanDataViewType.Instance,
        ColumnKind.Int8 => NumberDataViewType.SByte,
        ColumnKind.Int16 => NumberDataViewType.Int16,
        ColumnKind.Int32 or ColumnKind.Category => NumberDataViewType.Int32,
        ColumnKind.Int64 => NumberDataViewType.Int64,
        ColumnKind.UInt8 => NumberDataViewType.Byte,
        ColumnKind.UInt16 => NumberDataViewType.UInt16,
        ColumnKind.UInt32 => NumberDataViewType.UInt32,
        ColumnKind.UInt64 => NumberDataViewType.UInt64,
        ColumnKind.Float => NumberDataViewType.Single,
        ColumnKind.Double => NumberDataViewType.Double,
        ColumnKind.Text => TextDataViewType.Instance,
        ColumnKind.Timestamp => DateTimeDataViewType.Instance,
        _ => throw new ArgumentException($"The column '{column.Name}' ({column.Type}) cannot be carried into ML.NET: expected one element that is a number, bool, text, category or moment, and another name than '{FeaturesColumn}'.", nameof(column)),
    };

    private sealed class Cursor(FeatureDataView view, HashSet<int> active) : DataViewRowCursor
    {
        private readonly IEnumerator<FeatureBatch> _batches = view._store.Join(view._service, view._entities).GetEnumerator();
        private FeatureBatch? _batch;
        private int _row = -1;
        private long _position = -1;

        public override DataViewSchema Schema => view.Schema;

        public override long Position => _position;

        public override long Batch => 0;

        public override bool MoveNext()
        {
            _row++;
            while (_batch is null || _row >= _batch.Count)
            {
                if (!_batches.MoveNext())
                {
                    _position = -1;
                    return false;
                }

                _batch = _batches.Current;
                _row = 0;
            }

            _position++;
            return true;
        }

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Delegate getter = column.Index == 0 ? Features() : Carried(column.Index - 1, column.Type.RawType);
            return getter as ValueGetter<TValue> ?? throw new InvalidOperationException($"The column '{column.Name}' has values of {column.Type.RawType}, not of {typeof(TValue)}.");
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _batches.Dispose();
            }

            base.Dispose(disposing);
        }

        private ValueGetter<VBuffer<float>> Features() => (ref VBuffer<float> row) =>
        {
            var width = view._service.RowLength;
            var editor = VBufferEditor.Create(ref row, width);
            _batch!.Rows.Slice(_row * width, width).CopyTo(editor.Values);
            row = editor.Commit();
        };

        private Delegate Carried(int column, Type type) =>
            type == typeof(ReadOnlyMemory<char>) ? (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = _batch!.Carried[column].Values<string>()[_row].AsMemory())
            : type == typeof(bool) ? Value<bool>(column)
            : type == typeof(sbyte) ? Value<sbyte>(column)
            : type == typeof(short) ? Value<short>(column)
            : type == typeof(int) ? Value<int>(column)
            : type == typeof(long) ? Value<long>(column)
            : type == typeof(byte) ? Value<byte>(column)
            : type == typeof(ushort) ? Value<ushort>(column)
            : type == typeof(uint) ? Value<uint>(column)
            : type == typeof(ulong) ? Value<ulong>(column)
            : type == typeof(float) ? Value<float>(column)
            : type == typeof(double) ? Value<double>(column)
            : Value<DateTime>(column);

        private ValueGetter<T> Value<T>(int column) => (ref T value) => value = _batch!.Carried[column].Values<T>()[_row];
    }
}
