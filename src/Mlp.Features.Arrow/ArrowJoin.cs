using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;

namespace Mlp.Features.Arrow;

/// <summary>Point-in-time joins as Arrow record batches: the time, what is carried along, and each feature with its own type as <c>view.feature</c>.</summary>
public static class ArrowJoin
{
    /// <summary>Runs a join and gives its rows as they come; memory stays bounded.</summary>
    /// <param name="store">The offline store.</param>
    /// <param name="service">What to bring.</param>
    /// <param name="entities">Keys, times and columns to carry along.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public static IArrowArrayStream JoinArrow(this OfflineStore store, FeatureService service, EntityRows entities, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(service);
        ArgumentNullException.ThrowIfNull(entities);
        return new BatchStream(SchemaOf(service, entities), store.JoinAsync(service, entities, cancellationToken).GetAsyncEnumerator(cancellationToken));
    }

    /// <summary>The schema of a join's batches.</summary>
    public static Schema SchemaOf(FeatureService service, EntityRows entities)
    {
        ArgumentNullException.ThrowIfNull(service);
        ArgumentNullException.ThrowIfNull(entities);
        var fields = new List<Field> { new(entities.TimeColumn, ArrowColumn.TypeOf(Column.Timestamp("time")), nullable: false) };
        fields.AddRange(entities.Columns.ToArray().Select(c => new Field(c.Name, ArrowColumn.TypeOf(c), nullable: true)));
        foreach (var view in service.Views)
        {
            fields.AddRange(view.Schema.Columns.ToArray().Select(c => new Field($"{view.Name}.{c.Name}", ArrowColumn.TypeOf(c), nullable: true)));
        }

        return new Schema(fields, metadata: null);
    }

    private static RecordBatch ToRecordBatch(FeatureBatch batch, Schema schema)
    {
        var times = new Int64Array.Builder().Reserve(batch.Count);
        foreach (var time in batch.Times)
        {
            times.Append(ArrowColumn.Micros(time));
        }

        var time64 = times.Build();
        var type = (TimestampType)schema.FieldsList[0].DataType;
        var arrays = new List<IArrowArray> { new TimestampArray(type, time64.ValueBuffer, ArrowBuffer.Empty, batch.Count, 0, 0) };
        foreach (var column in batch.Carried)
        {
            arrays.Add(ArrowColumn.Of(column));
        }

        foreach (var column in batch.Features)
        {
            arrays.Add(ArrowColumn.Of(column));
        }

        return new RecordBatch(schema, arrays, batch.Count);
    }

    private sealed class BatchStream(Schema schema, IAsyncEnumerator<FeatureBatch> batches) : IArrowArrayStream
    {
        public Schema Schema => schema;

        public async ValueTask<RecordBatch> ReadNextRecordBatchAsync(CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();

            // Null behind the last, as the interface has it, though it does not say so.
            return await batches.MoveNextAsync().ConfigureAwait(false) ? ToRecordBatch(batches.Current, schema) : null!;
        }

        public void Dispose() => batches.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
