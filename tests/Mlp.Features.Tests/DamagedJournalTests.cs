using Mlp.Core;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

/// <summary>A torn journal ends cleanly where nothing was acknowledged; what was acknowledged and is damaged is refused, with the file and where in it.</summary>
public sealed class DamagedJournalTests : IDisposable
{
    private const int Acknowledged = 900;
    private const int Written = 1000;
    private static readonly EventSource Readings = new("readings", "at", Column.Integer("sensor"), Column.Text("note"));
    private static readonly Entity Sensor = new("sensor", "sensor");
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly FeatureService Service = new("s", "1", new WindowedView("counts", Sensor, Readings, TimeSpan.FromMinutes(10), TimeSpan.Zero, Aggregate.Count(TimeSpan.FromHours(24))));

    private static readonly OnlineStoreOptions Small = new()
    {
        MemoryBytes = 1 << 16, PageBytes = 1 << 13, SegmentBytes = 1 << 14, IndexBytes = 1 << 12, LogBytesMax = 1 << 20,
        Durability = StoreDurability.Journal, JournalPageBytes = 1 << 12, JournalBytesMax = 1 << 19,
    };

    private readonly TemporaryFolder _root = new();
    private readonly byte[] _commitsBefore = [];
    private readonly int _acknowledgedEnd;
    private int _copies;

    public DamagedJournalTests()
    {
        using var store = OnlineStore.Open(Whole, Service, Small);
        for (var i = 0; i < Written; i++)
        {
            if (i == Acknowledged)
            {
                Commit(store);
                _acknowledgedEnd = (int)((64 + store.JournalBytes) % (16 * Small.JournalPageBytes));
                _commitsBefore = File.ReadAllBytes(Path.Combine(Whole, "journal", "commits"));
            }

            Push(store, i);
        }

        Commit(store);
    }

    private string Whole => _root.At("whole");

    public void Dispose() => _root.Dispose();

    [Fact]
    public void A_journal_that_was_torn_behind_what_was_acknowledged_ends_with_its_last_whole_entry_and_goes_on_there()
    {
        // What is on disk behind the last acknowledgement was on its way when the process was killed.
        var last = Files(Whole)[^1];
        var length = LengthOf(last);
        var counts = new HashSet<int>();
        var random = new Random(5);
        for (var i = 0; i < 60; i++)
        {
            var folder = Copy();
            File.WriteAllBytes(Path.Combine(folder, "journal", "commits"), _commitsBefore);
            var file = Files(folder)[^1];
            if (i % 2 == 0)
            {
                using var stream = new FileStream(file, FileMode.Open);
                stream.SetLength(random.Next(_acknowledgedEnd, (int)length));
            }
            else
            {
                var offset = random.Next(_acknowledgedEnd, (int)length);
                var bytes = File.ReadAllBytes(file);
                random.NextBytes(bytes.AsSpan(offset));
                File.WriteAllBytes(file, bytes);
            }

            var count = Count(folder);
            Assert.InRange(count, Acknowledged, Written);
            counts.Add(count);
            using (var store = OnlineStore.Open(folder, Service, Small))
            {
                for (var more = 0; more < 50; more++)
                {
                    Push(store, Written + more);
                }

                Commit(store);
            }

            Assert.Equal(count + 50, Count(folder));
        }

        Assert.True(counts.Count > 10, "the seed tears it in few places");
    }

    [Fact]
    public void An_acknowledged_entry_that_was_cut_off_is_refused_with_its_place()
    {
        var random = new Random(6);
        for (var i = 0; i < 20; i++)
        {
            var folder = Copy();
            var file = Files(folder)[random.Next(2)];
            using (var stream = new FileStream(file, FileMode.Open))
            {
                stream.SetLength(random.Next(64, (int)stream.Length / 2));
            }

            Refused(folder, file);
        }
    }

    [Fact]
    public void Whatever_byte_of_the_journal_was_overwritten_nothing_that_was_acknowledged_is_missing()
    {
        var random = new Random(7);
        var refused = 0;
        for (var i = 0; i < 100; i++)
        {
            var folder = Copy();
            var files = Directory.GetFiles(Path.Combine(folder, "journal")).Order(StringComparer.Ordinal).ToArray();
            var file = files[random.Next(files.Length)];
            var bytes = File.ReadAllBytes(file);
            bytes[random.Next(bytes.Length)] ^= (byte)random.Next(1, 256);
            File.WriteAllBytes(file, bytes);
            try
            {
                Assert.Equal(Written, Count(folder));
            }
            catch (MlpException e)
            {
                Assert.Equal(FeatureErrors.StoreDamaged, e.Code);
                Assert.Contains(file, e.Message, StringComparison.Ordinal);
                Assert.Contains("from a copy", e.Message, StringComparison.Ordinal);
                refused++;
            }
        }

        Assert.InRange(refused, 40, 99);
    }

    [Fact]
    public void An_acknowledged_entry_that_was_overwritten_is_refused_with_the_byte_where_it_begins()
    {
        var folder = Copy();
        var file = Files(folder)[0];
        var bytes = File.ReadAllBytes(file);
        bytes[64 + 20] ^= 1;
        File.WriteAllBytes(file, bytes);
        Assert.Contains("damaged at the byte 64:", Refused(folder, file).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_entry_that_was_overwritten_with_zeros_is_no_end()
    {
        var folder = Copy();
        var file = Files(folder)[0];
        var bytes = File.ReadAllBytes(file);

        // Up to the end of a page: as if nothing had fitted there any more.
        bytes.AsSpan(3800, (1 << 12) - 3800).Clear();
        File.WriteAllBytes(file, bytes);
        Refused(folder, file);
    }

    [Theory]
    [InlineData("commits")]
    [InlineData("journal.json")]
    [InlineData("journal.log.0")]
    [InlineData("journal.log.1")]
    public void A_journal_without_one_of_its_files_is_refused_with_its_path(string name)
    {
        var folder = Copy();
        var file = Path.Combine(folder, "journal", name);
        File.Delete(file);
        Refused(folder, file);
    }

    [Fact]
    public async Task A_checkpoint_without_the_journal_that_it_goes_on_with_is_refused()
    {
        var folder = Copy();
        using (var store = OnlineStore.Open(folder, Service, Small))
        {
            await store.CheckpointAsync();
            Push(store, 1);
        }

        Directory.Move(Path.Combine(folder, "journal"), _root.At("elsewhere"));
        Assert.Equal(FeatureErrors.StoreDamaged, Assert.Throws<MlpException>(() => OnlineStore.Open(folder, Service, Small)).Code);

        // Nor does another store's do.
        Directory.Move(Path.Combine(Copy(), "journal"), Path.Combine(folder, "journal"));
        var error = Refused(folder, Path.Combine(folder, "journal", "journal.log.0"), orOpened: true);
        Assert.True(error is null, error?.Message);
        Directory.Delete(Path.Combine(folder, "journal"), recursive: true);
        using (var other = OnlineStore.Open(_root.At("other"), Service, Small))
        {
            Push(other, 1);
        }

        Directory.Move(Path.Combine(_root.At("other"), "journal"), Path.Combine(folder, "journal"));
        Refused(folder, Path.Combine(folder, "journal", "journal.json"));
    }

    [Fact]
    public void A_journal_of_other_definitions_is_refused()
    {
        var views = new FeatureService("s", "1", new WindowedView("counts", Sensor, Readings, TimeSpan.FromMinutes(5), TimeSpan.Zero, Aggregate.Count(TimeSpan.FromHours(24))));
        Assert.Equal(FeatureErrors.SchemaMismatch, Assert.Throws<MlpException>(() => OnlineStore.Open(Copy(), views, Small)).Code);
    }

    [Fact]
    public void A_commit_that_was_torn_while_it_was_stated_leaves_the_one_before()
    {
        // The two places are written in turn; of either the other serves, and the entries behind it are on disk.
        foreach (var place in (int[])[0, 4096])
        {
            var folder = Copy();
            var file = Path.Combine(folder, "journal", "commits");
            var bytes = File.ReadAllBytes(file);
            bytes.AsSpan(place + 30, 8).Fill(0xa5);
            File.WriteAllBytes(file, bytes);
            Assert.Equal(Written, Count(folder));
        }
    }

    private static void Push(OnlineStore store, int i) => store.Push(Readings, Start.AddSeconds(i), 1L, new string('x', i * 7 % 150));

    private static void Commit(OnlineStore store) => store.CommitAsync().GetAwaiter().GetResult();

    private static int Count(string folder)
    {
        using var store = OnlineStore.Open(folder, Service, Small);
        using var reader = store.CreateReader(Service);
        var row = new float[1];
        reader.Read([EntityKey.Of(1)], Start.AddHours(20), row);
        return (int)row[0];
    }

    private static MlpException? Refused(string folder, string file, bool orOpened)
    {
        try
        {
            OnlineStore.Open(folder, Service, Small).Dispose();
            Assert.True(orOpened, "it was opened");
            return null;
        }
        catch (MlpException e)
        {
            Assert.Equal(FeatureErrors.StoreDamaged, e.Code);
            Assert.Contains(file, e.Message, StringComparison.Ordinal);
            return e;
        }
    }

    private static MlpException Refused(string folder, string file) => Refused(folder, file, orOpened: false)!;

    private static string[] Files(string folder) => [.. Directory.GetFiles(Path.Combine(folder, "journal"), "journal.log.*").OrderBy(f => int.Parse(Path.GetExtension(f)[1..], System.Globalization.CultureInfo.InvariantCulture))];

    private static long LengthOf(string file) => new FileInfo(file).Length;

    private string Copy()
    {
        var path = _root.At($"copy{_copies++}");
        FolderCopy.Of(Whole, path);
        return path;
    }
}
