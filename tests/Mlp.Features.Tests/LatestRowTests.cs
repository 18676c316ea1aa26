using System.Buffers;
using System.Runtime.InteropServices;
using Mlp.Core;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

/// <summary>Rows of every type of column go in and come out as they were, and the order in which they come does not matter.</summary>
public class LatestRowTests
{
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly Entity Thing = new("thing", "id");
    private static readonly OnlineStoreOptions Small = new() { MemoryBytes = 1 << 16, PageBytes = 1 << 14, SegmentBytes = 1 << 14, IndexBytes = 1 << 10, RowBytesMax = 12 << 10, CompressedFromBytes = 400 };
    private static readonly LatestView Facts = new("facts", Thing, new EventSource("facts", "at", Column.Integer("id"), Column.Integer("count"), Column.Number("share").Nullable(), Column.Of("on", ColumnKind.Bool), Column.Category("color", "red", "green")), ["count", "share", "on", "color"]);
    private static readonly LatestView Texts = new("texts", Thing, new EventSource("texts", "at", Column.Integer("id"), Column.Text("name"), Column.Float("score")), ["name", "score"]);

    [StructLayout(LayoutKind.Sequential)]
    private struct Fact
    {
        public ulong Nulls;
        public long Count;
        public double Share;
        public byte On;
        public int Color;
    }

    [Fact]
    public void Every_type_of_column_comes_back_as_it_was_from_memory_and_from_disk()
    {
        for (var seed = 0; seed < 25; seed++)
        {
            var random = new Random(seed);
            var schema = RandomRows.Schema(random);
            var view = new LatestView("all", Thing, new EventSource("all", "at", [Column.Integer("id"), .. schema.Columns]), [.. schema.Columns.ToArray().Select(c => c.Name)]);
            var service = new FeatureService("s", "1", view);
            using var folder = new TemporaryFolder();
            using var store = OnlineStore.Open(folder.Path, service, Small);
            var rows = Enumerable.Range(0, 150).Select(_ => RandomRows.Values(random, schema)).ToArray();
            for (var i = 0; i < rows.Length; i++)
            {
                store.PutValues(view, EntityKey.Of(i), Start, rows[i]);
            }

            using var reader = store.CreateReader(service);
            var (values, floats, expected) = (new FeatureValue[schema.Columns.Length], new float[schema.FloatCount], new float[schema.FloatCount]);
            for (var i = 0; i < rows.Length; i++)
            {
                var bytes = StoreModel.Bytes(schema, rows[i]);
                Assert.Equal(FeatureReadStatus.Complete, reader.ReadValues(view, EntityKey.Of(i), Start.AddTicks(10), values));
                Assert.Equal(bytes, StoreModel.Bytes(schema, values));
                var buffer = new byte[bytes.Length];
                Assert.Equal(FeatureReadStatus.Complete, reader.ReadBytes(view, EntityKey.Of(i), Start.AddTicks(10), buffer, out var length));
                Assert.Equal(bytes, buffer[..length]);
                Assert.Equal(FeatureReadStatus.Complete, reader.Read([EntityKey.Of(i)], Start.AddTicks(10), floats));
                RowCodec.WriteFloats(schema, bytes, expected);
                Assert.Equal(expected, floats);
            }
        }
    }

    [Fact]
    public void Rows_of_one_time_leave_the_same_whatever_the_order_in_which_they_come()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var schema = RandomRows.Schema(random);
            Column[] columns = [Column.Integer("id"), .. schema.Columns, Column.Timestamp("created").Nullable()];
            var view = new LatestView("all", Thing, new EventSource("all", "at", columns) { CreatedColumn = "created" }, [.. schema.Columns.ToArray().Select(c => c.Name)]);
            var service = new FeatureService("s", "1", view);
            using var folder = new TemporaryFolder();
            using var store = OnlineStore.Open(folder.Path, service, Small);
            var events = Enumerable.Range(0, 6).Select(i => (FeatureValue[])[.. RandomRows.Values(random, schema), i == 0 ? FeatureValue.Missing : Start.AddSeconds(random.Next(2))]).ToArray();
            var row = new ArrayBufferWriter<byte>();
            byte[]? first = null;
            using var reader = store.CreateReader(service);
            for (var order = 0; order < 10; order++)
            {
                foreach (var values in events)
                {
                    store.Push(view.Source, Start, [(long)order, .. values]);
                }

                random.Shuffle(events);
                row.ResetWrittenCount();
                Assert.Equal(FeatureReadStatus.Complete, reader.ReadBytes(view, EntityKey.Of(order), Start.AddTicks(10), row));
                first ??= row.WrittenSpan.ToArray();
                Assert.Equal(first, row.WrittenSpan.ToArray());
            }
        }
    }

    [Fact]
    public void A_row_is_a_struct_of_the_schemas_layout_and_one_of_another_size_is_refused()
    {
        using var folder = new TemporaryFolder();
        var service = new FeatureService("s", "1", Facts, Texts);
        using var store = OnlineStore.Open(folder.Path, service, Small);
        var fact = new Fact { Count = long.MaxValue - 1, Share = 0.25, On = 1, Color = 1 };
        store.PutRow(Facts, EntityKey.Of(1), Start, fact);
        store.PutRow(Facts, EntityKey.Of(2), Start, new Fact { Nulls = 1, Share = double.NaN, Count = 7 });
        store.PutValues(Texts, EntityKey.Of(1), Start, ["one", 2.5]);
        using var reader = store.CreateReader(service);
        var facts = new Fact[3];
        var statuses = new FeatureReadStatus[3];
        using (reader.ReadTogether())
        {
            EntityKey[] keys = [EntityKey.Of(1), EntityKey.Of(2), EntityKey.Of(3)];
            Assert.Equal(FeatureReadStatus.SomeMissing, reader.ReadRows(Facts, keys, Start.AddMinutes(1), facts.AsSpan(), statuses));
            var values = new FeatureValue[2];
            Assert.Equal(FeatureReadStatus.Complete, reader.ReadValues(Texts, EntityKey.Of(1), Start.AddMinutes(1), values));
            Assert.Equal("one", values[0].Text);
            Assert.Throws<InvalidOperationException>(() => reader.ReadTogether());
        }

        Assert.Equal([FeatureReadStatus.Complete, FeatureReadStatus.Complete, FeatureReadStatus.SomeMissing], statuses);
        Assert.Equal((fact.Count, fact.Share, fact.On, fact.Color, 0UL), (facts[0].Count, facts[0].Share, facts[0].On, facts[0].Color, facts[0].Nulls));
        Assert.Equal((7, 1UL), (facts[1].Count, facts[1].Nulls));
        Assert.Equal((0, 1UL), (facts[2].Count, facts[2].Nulls));
        Assert.True(double.IsNaN(facts[2].Share));
        Assert.Equal(FeatureReadStatus.TooOld, reader.ReadRow<Fact>(Facts, EntityKey.Of(1), Start, out _));
        var error = Assert.Throws<MlpException>(() => reader.ReadRow<long>(Facts, EntityKey.Of(1), Start, out _));
        Assert.Equal(FeatureErrors.RowInvalid, error.Code);
        Assert.Contains("Int64 has 8 bytes", error.Message, StringComparison.Ordinal);
        Assert.Equal(FeatureErrors.RowInvalid, Assert.Throws<MlpException>(() => store.PutRow(Facts, EntityKey.Of(1), Start, 5L)).Code);
    }

    [Fact]
    public void What_no_column_can_have_is_refused_before_it_is_stored()
    {
        using var folder = new TemporaryFolder();
        var service = new FeatureService("s", "1", Facts, Texts);
        using var store = OnlineStore.Open(folder.Path, service, Small);
        foreach (var row in new Fact[] { new() { On = 2 }, new() { Color = 2 }, new() { Color = -1 } })
        {
            Assert.Equal(FeatureErrors.RowInvalid, Assert.Throws<MlpException>(() => store.PutRow(Facts, EntityKey.Of(1), Start, row)).Code);
        }

        var text = StoreModel.Bytes(Texts.Schema, ["some text", 1.0]);
        foreach (var row in (byte[][])[text[..^1], [.. text, 0], text[..8], [.. text[..16], 0xc1, .. text[17..]], [0xff, 0xff, 0xff, 0xff, .. text[4..]]])
        {
            Assert.Equal(FeatureErrors.RowInvalid, Assert.Throws<MlpException>(() => store.PutBytes(Texts, EntityKey.Of(1), Start, row)).Code);
        }

        Assert.Equal(FeatureErrors.RowInvalid, Assert.Throws<MlpException>(() => store.Put(Facts, EntityKey.Of(1), Start, [0.5f, 1, 1, 1])).Code);
        Assert.Equal(FeatureErrors.RowInvalid, Assert.Throws<MlpException>(() => store.Put(Texts, EntityKey.Of(1), Start, [1])).Code);
        Assert.Equal(0, store.RecordCount);
        store.Put(Facts, EntityKey.Of(1), Start, [5, float.NaN, 1, 1]);
        using var reader = store.CreateReader(service);
        var values = new FeatureValue[4];
        reader.ReadValues(Facts, EntityKey.Of(1), Start.AddMinutes(1), values);
        Assert.True(values[1].IsMissing);
        Assert.Equal("green", values[3].Text);
    }

    [Fact]
    public void A_row_larger_than_allowed_is_refused_by_name_and_a_limit_that_no_page_holds_at_the_opening()
    {
        using var folder = new TemporaryFolder();
        using (var store = OnlineStore.Open(folder.Path, Small, Texts))
        {
            store.PutValues(Texts, EntityKey.Of(1), Start, [new string('x', (12 << 10) - 19), 1.0]);
            var error = Assert.Throws<MlpException>(() => store.PutValues(Texts, EntityKey.Of(7), Start, [new string('x', (12 << 10) - 18), 1.0]));
            Assert.Equal(FeatureErrors.RowTooLarge, error.Code);
            Assert.Contains("thing '7'", error.Message, StringComparison.Ordinal);
            Assert.Contains("RowBytesMax allows 12288", error.Message, StringComparison.Ordinal);

            // It has changed nothing, so the store goes on.
            store.PutValues(Texts, EntityKey.Of(7), Start, ["short", 1.0]);
        }

        var refused = Assert.Throws<MlpException>(() => OnlineStore.Open(folder.At("other"), Small with { RowBytesMax = 1 << 14 }, Texts));
        Assert.Equal(FeatureErrors.RecordTooLarge, refused.Code);
        Assert.Contains("RowBytesMax, 16384", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Long_texts_take_less_room_than_they_have_and_come_back_whole()
    {
        var text = string.Concat(Enumerable.Range(0, 1500).Select(i => $"{i % 10} words "));
        var bytes = new long[2];
        for (var compressed = 0; compressed < 2; compressed++)
        {
            using var folder = new TemporaryFolder();
            var service = new FeatureService("s", "1", Texts);
            using var store = OnlineStore.Open(folder.Path, service, Small with { CompressedFromBytes = compressed == 1 ? 400 : int.MaxValue });
            for (var i = 0; i < 30; i++)
            {
                store.PutValues(Texts, EntityKey.Of(i), Start, [text, (double)i]);
            }

            bytes[compressed] = store.LogBytes;
            using var reader = store.CreateReader(service);
            var values = new FeatureValue[2];
            Assert.Equal(FeatureReadStatus.Complete, reader.ReadValues(Texts, EntityKey.Of(3), Start.AddMinutes(1), values));
            Assert.Equal((text, 3.0), (values[0].Text, values[1].Number));
            var small = new byte[4];
            reader.ReadBytes(Texts, EntityKey.Of(3), Start.AddMinutes(1), small, out var length);
            Assert.Equal(StoreModel.Bytes(Texts.Schema, [text, 3.0]).Length, length);
            Assert.Equal(new byte[4], small);
        }

        Assert.True(bytes[1] < bytes[0] / 5, $"{bytes[1]} of {bytes[0]}");
    }

    [Fact]
    public async Task Writers_that_put_rows_of_one_time_beside_each_other_leave_the_larger_of_each_column()
    {
        const int keys = 40;
        using var folder = new TemporaryFolder();
        var service = new FeatureService("s", "1", Texts);
        using var store = OnlineStore.Open(folder.Path, service, Small with { LogBytesMax = 1 << 24, CompressedFromBytes = 30 });
        var rows = Enumerable.Range(0, 3).Select(w => Enumerable.Range(0, 600).Select(i =>
        {
            var random = new Random((w * 1000) + i);
            return (Key: random.Next(keys), Name: $"{random.Next(100):00}{new string('n', random.Next(60))}", Score: random.Next(1000));
        }).ToArray()).ToArray();
        await Task.WhenAll(rows.Select(own => Task.Factory.StartNew(
            () =>
            {
                using var writer = store.CreateWriter();
                foreach (var (key, name, score) in own)
                {
                    writer.PutBytes(Texts, EntityKey.Of(key), Start, StoreModel.Bytes(Texts.Schema, [name, (long)score]));
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
        using var reader = store.CreateReader(service);
        var values = new FeatureValue[2];
        foreach (var key in rows.SelectMany(r => r).GroupBy(r => r.Key))
        {
            Assert.Equal(FeatureReadStatus.Complete, reader.ReadValues(Texts, EntityKey.Of(key.Key), Start.AddMinutes(1), values));
            Assert.Equal(key.Select(r => r.Name).Max(StringComparer.Ordinal), values[0].Text);
            Assert.Equal(key.Max(r => r.Score), values[1].Number);
        }
    }

    [Fact]
    public void Keys_that_are_GUIDs_are_told_apart_by_each_of_their_bytes()
    {
        using var folder = new TemporaryFolder();
        var view = new LatestView("v", Thing, new EventSource("v", "at", Column.Of("id", ColumnKind.Guid), Column.Float("score")), ["score"]);
        var service = new FeatureService("s", "1", view);
        using var store = OnlineStore.Open(folder.Path, service, Small);
        var keys = new List<EntityKey>();
        for (var last = 0; last < 256; last++)
        {
            // The last byte of an entity's key says how long it is, but of a GUID.
            for (var at = 0; at < 16; at++)
            {
                var bytes = new byte[16];
                bytes[15] = (byte)last;
                bytes[at] ^= 0x5a;
                keys.Add(EntityKey.Of(new Guid(bytes)));
            }
        }

        keys = [.. keys.Distinct()];
        for (var i = 0; i < keys.Count; i++)
        {
            store.Put(view, keys[i], Start, [i]);
        }

        var rows = new float[keys.Count];
        using var reader = store.CreateReader(service);
        Assert.Equal(FeatureReadStatus.Complete, reader.ReadMany(keys.ToArray(), Start.AddMinutes(1), rows));
        Assert.Equal(Enumerable.Range(0, keys.Count).Select(i => (float)i), rows);
        Assert.Equal(keys.ToHashSet(), store.Scan(view, Start.AddMinutes(1)).Select(r => r.Key).ToHashSet());
    }

    [Fact]
    public void The_first_and_the_last_moment_are_times_as_all_others()
    {
        using var folder = new TemporaryFolder();
        var service = new FeatureService("s", "1", Texts);
        using var store = OnlineStore.Open(folder.Path, service, Small);
        var (first, last) = (DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc), DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc));
        store.PutValues(Texts, EntityKey.Of(1), first, ["first", 1.0]);
        using var reader = store.CreateReader(service);
        var values = new FeatureValue[2];
        Assert.Equal(FeatureReadStatus.Complete, reader.ReadValues(Texts, EntityKey.Of(1), last, values));
        Assert.Equal("first", values[0].Text);
        store.PutValues(Texts, EntityKey.Of(1), last, ["last", 1.0]);
        Assert.Equal(FeatureReadStatus.TooOld, reader.ReadValues(Texts, EntityKey.Of(1), last, values));
        Assert.Equal(FeatureErrors.EventInvalid, Assert.Throws<MlpException>(() => store.LoadRow(store.Plans.First(), EntityKey.Of(1), long.MaxValue, 0, StoreModel.Bytes(Texts.Schema, ["x", 1.0]))).Code);
    }
}
