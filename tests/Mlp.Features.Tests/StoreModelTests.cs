using System.Buffers;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

/// <summary>Random operations on a store beside a dictionary: whatever came, in whatever order, both say the same.</summary>
public class StoreModelTests
{
    private const int Keys = 40;
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly EventSource Plain = new("plain", "at", Column.Integer("id"), Column.Float("a"), Column.Float("b"), Column.Float("c"));
    private static readonly EventSource Rich = new(
        "rich", "at", Column.Integer("id"), Column.Integer("count"), Column.Number("share").Nullable(), Column.Text("name"), Column.Text("note").Nullable(),
        Column.List("words", ColumnKind.Text), Column.List("sizes", ColumnKind.Int16).Nullable(), Column.Category("color", "red", "green", "blue").Nullable(),
        Column.Of("on", ColumnKind.Bool), Column.Vector("embedding", 3), Column.Timestamp("seen"), Column.Timestamp("written"))
    { CreatedColumn = "written" };

    private static readonly EventSource Narrow = new("narrow", "at", Column.Integer("id"), Column.Of("small", ColumnKind.UInt8).Nullable(), Column.Of("half", ColumnKind.Half));
    private static readonly Entity Thing = new("thing", "id");
    private static readonly LatestView[] Views =
    [
        new("plain", Thing, Plain, ["a", "b", "c"], TimeSpan.FromHours(5)),
        new("rich", Thing, Rich, ["count", "share", "name", "note", "words", "sizes", "color", "on", "embedding", "seen"], TimeSpan.FromHours(30)),
        new("narrow", Thing, Narrow, ["small", "half"]),
    ];

    private static readonly FeatureService Service = new("s", "1", Views);

    // Most of the log is on disk, it is compacted now and then, and long rows are compressed.
    private static readonly OnlineStoreOptions Options = new()
    {
        MemoryBytes = 1 << 16, PageBytes = 1 << 13, SegmentBytes = 1 << 14, IndexBytes = 1 << 10, LogBytesMax = 1 << 22,
        RowBytesMax = 4 << 10, CompressedFromBytes = 300, DeletionsKept = TimeSpan.FromHours(8), ReadsBehindMax = TimeSpan.FromHours(2),
    };

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_store_says_what_a_dictionary_says_whatever_is_done_to_it(int part)
    {
        var onDisk = 0;
        for (var seed = part * 30; seed < (part + 1) * 30; seed++)
        {
            try
            {
                onDisk += await RunAsync(seed) ? 1 : 0;
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}: {e}");
            }
        }

        Assert.True(onDisk >= 15, $"{onDisk} stores became larger than their memory");
    }

    private static async Task<bool> RunAsync(int seed)
    {
        using var folder = new TemporaryFolder();
        var random = new Random(seed);
        var model = new StoreModel();
        var store = OnlineStore.Open(folder.Path, Service, Options);
        var reader = store.CreateReader(Service);
        try
        {
            var clock = Start;
            var isSaved = false;
            var wasOnDisk = false;

            // What is flushed to the disk takes most of the time: one seed in three does so.
            var isDurable = seed % 3 == 0;
            for (var key = 0; key < Keys && seed % 2 == 0; key++)
            {
                PutOne(store, model, random, Start, Views[1], key, isLong: true);
            }

            for (var step = 0; step < 400; step++)
            {
                wasOnDisk |= store.LogBytes > Options.MemoryBytes;
                clock += TimeSpan.FromMinutes(random.Next(12));
                switch (random.Next(100))
                {
                    case < 55:
                        Put(store, model, random, clock);
                        break;
                    case < 63:
                        Delete(store, model, random, clock);
                        break;
                    case < 85:
                        CheckOne(reader, model, random, clock);
                        break;
                    case < 89:
                        await CheckManyAsync(reader, model, random, clock);
                        break;
                    case < 93:
                        CheckScan(store, model, random, clock);
                        break;
                    case < 95 when isDurable:
                        await store.CheckpointAsync(clock.AddMinutes(1));
                        model.Save();
                        isSaved = true;
                        break;
                    case 95:
                        await store.CompactAsync();
                        break;
                    case < 100 when isDurable:
                        store.Dispose();
                        store = OnlineStore.Open(folder.Path, Service, Options);
                        reader = store.CreateReader(Service);
                        model.GoBack();
                        Assert.Equal(isSaved, store.CompleteUntil is not null);
                        break;
                }
            }

            CheckScan(store, model, random, clock);
            await CheckManyAsync(reader, model, random, clock);
            return wasOnDisk;
        }
        finally
        {
            store.Dispose();
        }
    }

    // Late ones are, but not later than deletions are remembered; a few minutes only, so that many have the same time.
    private static DateTime TimeNear(Random random, DateTime clock) => clock.AddMinutes(-random.Next(4) * random.Next(3) * 30) is var time ? new DateTime(time.Ticks - (time.Ticks % TimeSpan.TicksPerHour), DateTimeKind.Utc) : time;

    private static void Put(OnlineStore store, StoreModel model, Random random, DateTime clock)
    {
        var view = Views[random.Next(Views.Length)];
        PutOne(store, model, random, TimeNear(random, clock), view, random.Next(Keys), isLong: random.Next(3) == 0);
    }

    private static void PutOne(OnlineStore store, StoreModel model, Random random, DateTime known, LatestView view, long key, bool isLong)
    {
        var values = RandomRows.Values(random, view.Schema);
        if (isLong && view == Views[1])
        {
            // Compressible or not.
            values[2] = random.Next(3) == 0 ? new string('x', 3500) : new string([.. Enumerable.Range(0, 3500).Select(_ => (char)random.Next(' ', '~'))]);
        }

        var rule = random.Next(15) == 0 ? PutRule.Always : PutRule.IfNewer;
        var created = known.AddMinutes(random.Next(2));
        model.Put(view, key, known, created, values, rule);
        switch (random.Next(3))
        {
            case 0:
                store.PutBytes(view, EntityKey.Of(key), known, StoreModel.Bytes(view.Schema, values), created, rule);
                break;
            case 1 when rule == PutRule.IfNewer:
                store.Push(view.Source, known, view == Views[1] ? [key, .. values, created] : [key, .. values]);
                break;
            default:
                store.PutValues(view, EntityKey.Of(key), known, values, created, rule);
                break;
        }
    }

    private static void Delete(OnlineStore store, StoreModel model, Random random, DateTime clock)
    {
        var (view, key, at) = (Views[random.Next(Views.Length)], random.Next(Keys), TimeNear(random, clock));
        model.Delete(view, key, at);
        store.Delete(view, EntityKey.Of(key), at);
    }

    // Not further behind the newest event than is allowed.
    private static DateTime ReadTime(StoreModel model, Random random, DateTime clock)
    {
        var time = clock.AddMinutes(random.Next(-60, 60 * 8));
        var least = model.Newest > Start ? model.Newest - Options.ReadsBehindMax : Start;
        return time > least ? time : least;
    }

    private static void CheckOne(FeatureReader reader, StoreModel model, Random random, DateTime clock)
    {
        var (view, key, time) = (Views[random.Next(Views.Length)], random.Next(Keys), ReadTime(model, random, clock));
        var (status, values) = model.Read(view, key, time);
        var row = new ArrayBufferWriter<byte>();
        Assert.Equal(status, reader.ReadBytes(view, EntityKey.Of(key), time, row));
        Assert.Equal(values is null ? [] : StoreModel.Bytes(view.Schema, values), row.WrittenSpan.ToArray());
    }

    private static async Task CheckManyAsync(FeatureReader reader, StoreModel model, Random random, DateTime clock)
    {
        var keys = Enumerable.Range(0, 40).Select(_ => random.Next(Keys)).ToArray();
        var time = ReadTime(model, random, clock);
        var worst = FeatureReadStatus.Complete;
        var expected = new List<float>();
        foreach (var key in keys)
        {
            foreach (var view in Views)
            {
                var (status, values) = model.Read(view, key, time);
                worst = status > worst ? status : worst;
                var floats = new float[view.FloatCount];
                Array.Fill(floats, float.NaN);
                if (values is not null)
                {
                    RowCodec.WriteFloats(view.Schema, StoreModel.Bytes(view.Schema, values), floats);
                }

                expected.AddRange(floats);
            }
        }

        var rows = new float[expected.Count];
        var entities = keys.Select(k => EntityKey.Of(k)).ToArray();
        Assert.Equal(worst, random.Next(2) == 0 ? await reader.ReadManyAsync(entities, time, rows) : reader.ReadMany(entities, time, rows));
        Assert.Equal(expected, rows);
    }

    private static void CheckScan(OnlineStore store, StoreModel model, Random random, DateTime clock)
    {
        var (view, time) = (Views[random.Next(Views.Length)], ReadTime(model, random, clock));
        var rows = store.Scan(view, time).ToDictionary(r => r.Key, r => r.Row.ToArray());
        var expected = model.Scan(view, time);
        Assert.Equal(expected.Keys.Order(Comparer<EntityKey>.Create((a, b) => string.CompareOrdinal(a.ToString(), b.ToString()))), rows.Keys.Order(Comparer<EntityKey>.Create((a, b) => string.CompareOrdinal(a.ToString(), b.ToString()))));
        Assert.All(expected, e => Assert.Equal(e.Value, rows[e.Key]));
    }
}
