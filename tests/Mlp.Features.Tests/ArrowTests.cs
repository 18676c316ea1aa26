using Apache.Arrow;
using Apache.Arrow.Ipc;
using Mlp.Features.Arrow;

namespace Mlp.Features.Tests;

public class ArrowTests
{
    [Fact]
    public async Task Batches_go_through_Arrows_own_format_with_values_of_every_form()
    {
        using var folder = new TemporaryFolder();
        var source = new EventSource("things", "known_at", Column.Integer("id"), Column.Category("state", "on", "off"), Column.Vector("position", 2), Column.List("words", ColumnKind.Text), Column.Of("flag", ColumnKind.Bool).Nullable(), Column.Timestamp("seen"), Column.Of("key", ColumnKind.Guid), Column.Of("half", ColumnKind.Half), Column.Of("small", ColumnKind.UInt8));
        var service = new FeatureService("s", "1",
            new LatestView("last", new Entity("thing", "id"), source, ["state", "position", "words", "flag", "seen", "key", "half", "small"]),
            new OnDemandView("clock", "1", ["hour"], static (time, features) => features[0] = time.Hour));
        var offline = OfflineStore.Open(folder.At("store"), new OfflineStoreOptions { BatchRows = 2 });
        offline.Append(source, "b", OfflineQuery.Sql("SELECT TIMESTAMP '2001-01-01' AS known_at, unnest([1, 2]) AS id, 'off' AS state, [1, 2] AS position, ['a', 'bc'] AS words, true AS flag, TIMESTAMP '2000-01-01' AS seen, '00000000-0000-0000-0000-0000000000ff' AS key, 0.5 AS half, 200 AS small"));
        var entities = new EntityRows(OfflineQuery.Sql("SELECT unnest([1, 2, 3]) AS id, TIMESTAMP '2001-02-01 05:00:00' AS moment"), "moment", Column.Integer("id"), Column.Text("id"));
        using var file = new MemoryStream();
        using (var stream = offline.JoinArrow(service, entities))
        {
            using var writer = new ArrowStreamWriter(file, stream.Schema, leaveOpen: true);
            while (await stream.ReadNextRecordBatchAsync() is { } batch)
            {
                await writer.WriteRecordBatchAsync(batch);
            }

            await writer.WriteEndAsync();
        }

        file.Position = 0;
        using var reader = new ArrowStreamReader(file);
        var (first, second) = (await reader.ReadNextRecordBatchAsync(), await reader.ReadNextRecordBatchAsync());
        Assert.Null(await reader.ReadNextRecordBatchAsync());
        Assert.Equal([2, 1], [first.Length, second.Length]);
        Assert.Equal(new DateTimeOffset(2001, 2, 1, 5, 0, 0, TimeSpan.Zero), ((TimestampArray)first.Column("moment")).GetTimestamp(0));
        Assert.Equal(2, ((Int64Array)first.Column(1)).GetValue(1));
        Assert.Equal("2", ((StringArray)first.Column(2)).GetString(1));
        var state = (DictionaryArray)first.Column("last.state");
        Assert.Equal("off", ((StringArray)state.Dictionary).GetString(((Int32Array)state.Indices).GetValue(0)!.Value));
        Assert.Equal([1f, 2f], ((FloatArray)((FixedSizeListArray)first.Column("last.position")).GetSlicedValues(0)).Values.ToArray());
        Assert.Equal("bc", ((StringArray)((ListArray)first.Column("last.words")).GetSlicedValues(1)).GetString(1));
        Assert.True(((BooleanArray)first.Column("last.flag")).GetValue(0));
        Assert.Equal(new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero), ((TimestampArray)first.Column("last.seen")).GetTimestamp(0));
        Assert.Equal(0xff, ((Apache.Arrow.Arrays.FixedSizeBinaryArray)first.Column("last.key")).GetBytes(0)[15]);
        Assert.Equal((Half)0.5, ((HalfFloatArray)first.Column("last.half")).GetValue(0));
        Assert.Equal((byte)200, ((UInt8Array)first.Column("last.small")).GetValue(0));
        Assert.Equal(5f, ((FloatArray)first.Column("clock.hour")).GetValue(0));
        Assert.All(Enumerable.Range(3, 8), c => Assert.True(second.Column(c).IsNull(0)));
    }
}
