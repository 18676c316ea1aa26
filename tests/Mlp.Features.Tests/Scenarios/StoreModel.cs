using System.Buffers;

namespace Mlp.Features.Tests.Scenarios;

/// <summary>What an online store of latest views has to say, kept in a dictionary.</summary>
internal sealed class StoreModel
{
    private Dictionary<(LatestView View, long Key), Record> _records = [];
    private Dictionary<(LatestView View, long Key), Record> _saved = [];

    private sealed record Record(DateTime Known, DateTime Created, FeatureValue[]? Values);

    public DateTime Newest { get; private set; } = DateTime.MinValue;

    public void Put(LatestView view, long key, DateTime known, DateTime created, FeatureValue[] values, PutRule rule)
    {
        var hasCreated = view.Source.CreatedColumn is not null;
        var record = new Record(known, hasCreated ? created : default, values);
        Newest = known > Newest ? known : Newest;
        if (!_records.TryGetValue((view, key), out var there) || rule == PutRule.Always || (known, record.Created).CompareTo((there.Known, there.Created)) > 0)
        {
            if (there is { Values: null } && there.Known == known && rule != PutRule.Always)
            {
                return;
            }

            _records[(view, key)] = record;
        }
        else if (there.Values is not null && (known, record.Created) == (there.Known, there.Created))
        {
            _records[(view, key)] = record with { Values = [.. values.Select((v, i) => ValueKeys.Larger(view.Schema.Columns[i], v, there.Values[i]))] };
        }
    }

    public void Delete(LatestView view, long key, DateTime at)
    {
        if (!_records.TryGetValue((view, key), out var there) || there.Known <= at)
        {
            _records[(view, key)] = new Record(at, DateTime.MaxValue, null);
        }
    }

    public void Save() => _saved = new(_records);

    public void GoBack() => _records = new(_saved);

    public (FeatureReadStatus Status, FeatureValue[]? Values) Read(LatestView view, long key, DateTime time) =>
        !_records.TryGetValue((view, key), out var record) ? (FeatureReadStatus.SomeMissing, null)
        : record.Known >= time ? (FeatureReadStatus.TooOld, null)
        : record.Values is null || time - record.Known > (view.TimeToLive ?? TimeSpan.MaxValue) ? (FeatureReadStatus.SomeMissing, null)
        : (FeatureReadStatus.Complete, record.Values);

    public Dictionary<EntityKey, byte[]> Scan(LatestView view, DateTime time) => _records.Keys.Where(k => k.View == view)
        .Select(k => (Key: EntityKey.Of(k.Key), Read(view, k.Key, time).Values)).Where(r => r.Values is not null).ToDictionary(r => r.Key, r => Bytes(view.Schema, r.Values!));

    public static byte[] Bytes(RowSchema schema, FeatureValue[] values)
    {
        var row = new ArrayBufferWriter<byte>();
        RowCodec.Encode(schema, values, row);
        return row.WrittenSpan.ToArray();
    }
}
