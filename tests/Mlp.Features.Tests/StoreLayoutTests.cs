using Mlp.Core;

namespace Mlp.Features.Tests;

/// <summary>A store that is opened with other sizes than it was made with.</summary>
public class StoreLayoutTests
{
    private const int Entities = 3_000;
    private static readonly EventSource Readings = new("readings", "at", Column.Integer("sensor"), Column.Integer("value"));
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly LatestView View = new("latest", new Entity("sensor", "sensor"), Readings, ["value"]);
    private static readonly FeatureService Service = new("s", "1", View);
    private static readonly OnlineStoreOptions Made = new() { MemoryBytes = 1 << 18, PageBytes = 1 << 14, SegmentBytes = 1 << 16, IndexBytes = 1 << 14 };

    public static TheoryData<string, OnlineStoreOptions> OtherLayouts => new()
    {
        { "PageBytes is 16384 there and 8192 here", Made with { PageBytes = 1 << 13 } },
        { "PageBytes is 16384 there and 32768 here", Made with { PageBytes = 1 << 15 } },
        { "SegmentBytes is 65536 there and 131072 here", Made with { SegmentBytes = 1 << 17 } },
        { "SegmentBytes is 65536 there and 32768 here", Made with { SegmentBytes = 1 << 15 } },
    };

    public static TheoryData<OnlineStoreOptions> OtherMemory =>
    [
        Made,
        Made with { MemoryBytes = 1 << 16 },
        Made with { MemoryBytes = 1 << 20 },
        Made with { IndexBytes = 1 << 12 },
        Made with { IndexBytes = 1 << 17 },
    ];

    [Theory]
    [MemberData(nameof(OtherLayouts))]
    public async Task Sizes_that_the_files_are_laid_out_by_have_to_stay_and_the_error_has_both(string expected, OnlineStoreOptions other)
    {
        using var folder = new TemporaryFolder();
        await MakeAsync(folder.Path);
        var error = Assert.Throws<MlpException>(() => OnlineStore.Open(folder.Path, Service, other));
        Assert.Equal(FeatureErrors.LayoutMismatch, error.Code);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);

        // Nothing was harmed by the attempt.
        using var store = OnlineStore.Open(folder.Path, Service, Made);
        CheckAll(store, Start.AddMinutes(2), 0);
    }

    [Theory]
    [MemberData(nameof(OtherMemory))]
    public async Task Memory_may_be_given_as_one_likes_and_every_row_stays_right(OnlineStoreOptions other)
    {
        using var folder = new TemporaryFolder();
        await MakeAsync(folder.Path);
        using (var store = OnlineStore.Open(folder.Path, Service, other))
        {
            CheckAll(store, Start.AddMinutes(2), 0);
            for (var i = 0; i < Entities; i++)
            {
                store.Put(View, EntityKey.Of(i), Start.AddMinutes(2), [i + 1]);
            }

            CheckAll(store, Start.AddMinutes(4), 1);
            await store.CheckpointAsync(Start.AddMinutes(3));
        }

        using var again = OnlineStore.Open(folder.Path, Service, Made);
        CheckAll(again, Start.AddMinutes(4), 1);
    }

    [Fact]
    public async Task An_index_grows_to_what_is_asked_for_and_never_shrinks()
    {
        using var folder = new TemporaryFolder();
        await MakeAsync(folder.Path);
        using (var store = OnlineStore.Open(folder.Path, Service, Made with { IndexBytes = 1 << 17 }))
        {
            Assert.Equal(1 << 17, store.IndexBytes);
            await store.CheckpointAsync(Start.AddMinutes(1));
        }

        using var again = OnlineStore.Open(folder.Path, Service, Made);
        Assert.Equal(1 << 17, again.IndexBytes);
    }

    [Theory]
    [InlineData(nameof(OnlineStoreOptions.SegmentBytes), "at least PageBytes")]
    [InlineData(nameof(OnlineStoreOptions.PageBytes), "at most")]
    [InlineData(nameof(OnlineStoreOptions.LogBytesMax), "at least")]
    public void Sizes_that_cannot_work_are_refused_by_name(string name, string expected)
    {
        var options = name switch
        {
            nameof(OnlineStoreOptions.SegmentBytes) => Made with { SegmentBytes = 1 << 16, PageBytes = 1 << 17, MemoryBytes = 1 << 20 },
            nameof(OnlineStoreOptions.PageBytes) => Made with { PageBytes = 1L << 30, SegmentBytes = 1L << 30, MemoryBytes = 1L << 33 },
            _ => Made with { LogBytesMax = 1 << 18 },
        };
        var error = Assert.Throws<ArgumentOutOfRangeException>(options.Validate);
        Assert.Equal(name, error.ParamName);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    private static async Task MakeAsync(string folder)
    {
        using var store = OnlineStore.Open(folder, Service, Made);
        for (var i = 0; i < Entities; i++)
        {
            store.Put(View, EntityKey.Of(i), Start, [i]);
        }

        await store.CheckpointAsync(Start.AddMinutes(1));
    }

    private static void CheckAll(OnlineStore store, DateTime time, int more)
    {
        using var reader = store.CreateReader(Service);
        var row = new float[1];
        for (var i = 0; i < Entities; i++)
        {
            Assert.Equal(FeatureReadStatus.Complete, reader.Read([EntityKey.Of(i)], time, row));
            Assert.Equal(i + more, row[0]);
        }
    }
}
