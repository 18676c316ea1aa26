using CsCheck;
using Mlp.Core;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

/// <summary>Values and rows of every type come out of the journal as they went in.</summary>
public class JournalValueTests
{
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private static readonly Gen<FeatureValue> Values = Gen.OneOf(
        Gen.Const(FeatureValue.Missing),
        Gen.Long.Select(v => (FeatureValue)v),
        Gen.ULong.Select(v => (FeatureValue)v),
        Gen.Bool.Select(v => (FeatureValue)v),
        Gen.Double.Select(v => (FeatureValue)v),
        Gen.String.Select(v => (FeatureValue)v),
        Gen.Guid.Select(v => (FeatureValue)v),
        Gen.DateTime.Select(v => (FeatureValue)DateTime.SpecifyKind(v, DateTimeKind.Utc)),
        Gen.Bool.Array.Select(v => FeatureValue.Of(v)),
        Gen.SByte.Array.Select(v => FeatureValue.Of(v)),
        Gen.Byte.Array.Select(v => FeatureValue.Of(v)),
        Gen.Short.Array.Select(v => FeatureValue.Of(v)),
        Gen.UShort.Array.Select(v => FeatureValue.Of(v)),
        Gen.Int.Array.Select(v => FeatureValue.Of(v)),
        Gen.UInt.Array.Select(v => FeatureValue.Of(v)),
        Gen.Long.Array.Select(v => FeatureValue.Of(v)),
        Gen.ULong.Array.Select(v => FeatureValue.Of(v)),
        Gen.Float.Select(v => (Half)v).Array.Select(v => FeatureValue.Of(v)),
        Gen.Float.Array.Select(v => FeatureValue.Of(v)),
        Gen.Double.Array.Select(v => FeatureValue.Of(v)),
        Gen.Guid.Array.Select(v => FeatureValue.Of(v)),
        Gen.String.Array.Select(v => FeatureValue.Of(v)),
        Gen.Long[0, 1L << 50].Select(FeatureTime.FromMicros).Array.Select(v => FeatureValue.Of(v)));

    [Fact]
    public void A_value_of_any_type_is_the_same_after_the_journal()
    {
        Values.Array.Sample(values =>
        {
            var entry = new JournalBuffer();
            JournalEntries.Event(entry, JournalEntryKind.Event, 3, 4, 4, values);
            Assert.True(JournalBuffer.TryOpen(entry.Seal(entry.Checksum(), 9), 9, out var body));
            var reader = new JournalEntryReader(body);
            Assert.Equal((byte)JournalEntryKind.Event, reader.Byte());
            Assert.Equal(3, reader.Int32());
            Assert.Equal(4, reader.Int64());
            Assert.Equal(values.Length, reader.Count(1));
            foreach (var value in values)
            {
                var read = JournalValues.Read(ref reader);
                Assert.Equal(value.IsMissing, read.IsMissing);
                Assert.Equal(value.Type, read.Type);
                Assert.Equal(value.Integer, read.Integer);
                Assert.Equal(BitConverter.DoubleToInt64Bits(value.Number), BitConverter.DoubleToInt64Bits(read.Number));
                Assert.Equal(value.Text, read.Text);
                Assert.Equal(value.Elements, read.Elements);
            }

            Assert.True(reader.IsAtEnd);
        });
    }

    [Fact]
    public void An_entry_with_another_number_or_a_changed_byte_is_none()
    {
        Gen.Select(Values.Array[1, 5], Gen.Int[0, int.MaxValue], Gen.Byte[1, 255]).Sample(
            (values, at, change) =>
            {
                var entry = new JournalBuffer();
                JournalEntries.Event(entry, JournalEntryKind.Event, 1, 2, 2, values);
                var bytes = entry.Seal(entry.Checksum(), 9).ToArray();
                Assert.False(JournalBuffer.TryOpen(bytes, 8, out _));
                bytes[at % bytes.Length] ^= change;
                Assert.False(JournalBuffer.TryOpen(bytes, 9, out _));
            });
    }

    [Fact]
    public void Whatever_bytes_an_entry_has_reading_it_ends_with_a_typed_error()
    {
        Gen.Byte.Array[0, 60].Sample(bytes =>
        {
            var reader = new JournalEntryReader(bytes);
            try
            {
                while (!reader.IsAtEnd)
                {
                    JournalValues.Read(ref reader);
                }
            }
            catch (InvalidDataException)
            {
                // Which one is the caller's to say.
            }
        });
    }

    [Fact]
    public async Task Rows_with_texts_and_lists_rules_and_created_times_are_repeated_as_they_were()
    {
        var source = new EventSource("things", "at", Column.Integer("thing"), Column.Text("name"), new Column("sizes", ColumnType.ListOf(ColumnKind.Int32)), new Column("seen", ColumnType.Of(ColumnKind.Timestamp))) { CreatedColumn = "seen" };
        var view = new LatestView("rich", new Entity("thing", "thing"), source, ["name", "sizes"]);
        var options = new OnlineStoreOptions { MemoryBytes = 1 << 20, PageBytes = 1 << 18, RowBytesMax = 100 << 10, SegmentBytes = 1 << 18, IndexBytes = 1 << 12, LogBytesMax = 1 << 24, CompressedFromBytes = 100, Durability = StoreDurability.Journal, JournalPageBytes = 1 << 18, JournalBytesMax = 1 << 24 };
        using var folder = new TemporaryFolder();
        var note = string.Concat(Enumerable.Range(0, 9000).Select(i => $"{i} "));
        using (var store = OnlineStore.Open(folder.At("a"), options, view))
        {
            store.PutValues(view, EntityKey.Of(1), Start, [note, FeatureValue.Of(new[] { 1, 2, 3 })]);

            // A correction of a later time, one that was created later, a deletion.
            store.PutValues(view, EntityKey.Of(2), Start.AddDays(1), ["wrong", FeatureValue.Of(Array.Empty<int>())]);
            store.PutValues(view, EntityKey.Of(2), Start, ["right", FeatureValue.Of(new[] { 4 })], rule: PutRule.Always);
            store.Push(source, Start, 3L, "first", FeatureValue.Of(new[] { 5 }), Start.AddHours(2));
            store.Push(source, Start, 3L, "second", FeatureValue.Of(new[] { 6 }), Start.AddHours(1));
            store.PutValues(view, EntityKey.Of(4), Start, ["gone", FeatureValue.Of(Array.Empty<int>())]);
            store.Delete(view, EntityKey.Of(4), Start);
            await store.CommitAsync();
            FolderCopy.Of(folder.At("a"), folder.At("b"));
        }

        using var opened = OnlineStore.Open(folder.At("b"), options, view);
        using var reader = opened.CreateReader(new FeatureService("s", "1", view));
        var values = new FeatureValue[2];
        foreach (var (key, name, sizes) in ((long, string?, int[]?)[])[(1, note, [1, 2, 3]), (2, "right", [4]), (3, "first", [5]), (4, null, null)])
        {
            var status = reader.ReadValues(view, EntityKey.Of(key), Start.AddDays(2), values);
            Assert.Equal(name is null ? FeatureReadStatus.SomeMissing : FeatureReadStatus.Complete, status);
            if (name is not null)
            {
                Assert.Equal(name, values[0].Text);
                Assert.Equal(sizes, values[1].Elements);
            }
        }
    }
}
