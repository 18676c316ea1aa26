using Mlp.Core;

namespace Mlp.Features.Tests;

/// <summary>A file of an online store that is not as its checkpoint left it is noticed when the store opens, wherever it was changed.</summary>
public sealed class DamagedStoreTests : IAsyncLifetime
{
    private const int Sensors = 3000;
    private static readonly EventSource Readings = new("readings", "at", Column.Integer("sensor"), Column.Integer("value"));
    private static readonly FeatureService Service = new("s", "1", new LatestView("latest", new Entity("sensor", "sensor"), Readings, ["value"]));
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly OnlineStoreOptions Small = new() { MemoryBytes = 1 << 16, PageBytes = 1 << 13, SegmentBytes = 1 << 14, IndexBytes = 1 << 12, LogBytesMax = 1 << 20 };

    private readonly TemporaryFolder _root = new();
    private int _copies;

    private string Whole => _root.At("whole");

    public async ValueTask InitializeAsync()
    {
        // Two checkpoints, in two lives of the store: what the first has stated is taken over by the second.
        for (var life = 0; life < 2; life++)
        {
            using var store = OnlineStore.Open(Whole, Service, Small);
            for (var i = life; i < Sensors; i += 2)
            {
                store.Push(Readings, Start, (long)i, (long)ValueOf(i));
            }

            await store.CheckpointAsync(Start.AddMinutes(1));
        }
    }

    public ValueTask DisposeAsync()
    {
        _root.Dispose();
        return default;
    }

    [Fact]
    public void A_whole_store_opens_as_often_as_one_likes()
    {
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(0, WrongRowsOf(Whole));
        }

        Assert.True(Directory.GetFiles(Path.Combine(Whole, "log")).Length > 6);
    }

    [Theory]
    [InlineData(0, 4096)]
    [InlineData(0, 0)]
    [InlineData(3, 16383)]
    [InlineData(-1, 1)]
    public void A_truncated_log_is_refused_with_its_path(int segment, long bytes)
    {
        var folder = Copy();
        var file = Segments(folder)[segment < 0 ? ^1 : segment];
        using (var stream = new FileStream(file, FileMode.Open))
        {
            stream.SetLength(bytes);
        }

        Assert.Contains(file, Refused(folder).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(-1)]
    public void A_log_without_one_of_its_files_is_refused_with_its_path(int segment)
    {
        var folder = Copy();
        var file = Segments(folder)[segment < 0 ? ^1 : segment];
        File.Delete(file);
        Assert.Contains(file, Refused(folder).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    public void A_file_of_the_log_that_no_checkpoint_knows_is_no_damage(int behind)
    {
        var folder = Copy();
        File.WriteAllBytes(Path.Combine(folder, "log", $"features.log.{Segments(folder).Length - 1 + behind}"), new byte[1 << 14]);
        Assert.Equal(0, WrongRowsOf(folder));
    }

    [Fact]
    public void A_byte_that_was_overwritten_where_the_log_no_longer_changes_is_refused_with_its_place()
    {
        var random = new Random(7);
        for (var i = 0; i < 40; i++)
        {
            var folder = Copy();
            var file = Segments(folder)[random.Next(6)];
            var offset = random.Next(1 << 14);
            Overwrite(file, offset, random);
            var message = Refused(folder).Message;
            Assert.Contains(file, message, StringComparison.Ordinal);
            Assert.Contains("between the bytes 0 and 16384", message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_byte_of_whatever_file_was_overwritten_no_row_is_wrong(int seed)
    {
        var random = new Random(seed);
        var refused = 0;
        for (var i = 0; i < 60; i++)
        {
            var folder = Copy();
            var files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Where(f => new FileInfo(f).Length > 0 && Path.GetFileName(f) != "owner.txt").Order().ToArray();
            var file = files[random.Next(files.Length)];
            Overwrite(file, random.Next((int)new FileInfo(file).Length), random);
            try
            {
                Assert.True(WrongRowsOf(folder) == 0, $"{file}, seed {seed}, change {i}");
            }
            catch (MlpException e) when (e.Code == FeatureErrors.StoreDamaged)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 30, 60);
    }

    [Fact]
    public void Whatever_file_of_a_checkpoint_was_truncated_is_refused_by_name()
    {
        foreach (var name in Directory.GetFiles(Path.Combine(Whole, "checkpoints"), "*", SearchOption.AllDirectories).Append(Path.Combine(Whole, "store.json")).Where(f => new FileInfo(f).Length > 0).Select(f => Path.GetRelativePath(Whole, f)).Order())
        {
            foreach (var part in (int[])[0, 2])
            {
                var folder = Copy();
                var file = Path.Combine(folder, name);
                using (var stream = new FileStream(file, FileMode.Open))
                {
                    stream.SetLength(part == 0 ? 0 : stream.Length / part);
                }

                Assert.Contains(file, Refused(folder).Message, StringComparison.Ordinal);
            }
        }
    }

    private static float ValueOf(int sensor) => sensor * 7 % 1000;

    private static void Overwrite(string file, int offset, Random random)
    {
        using var stream = new FileStream(file, FileMode.Open);
        stream.Position = offset;
        var old = stream.ReadByte();
        stream.Position = offset;
        stream.WriteByte((byte)(old ^ random.Next(1, 256)));
    }

    private static string[] Segments(string folder) =>
        [.. Directory.GetFiles(Path.Combine(folder, "log")).OrderBy(f => int.Parse(Path.GetExtension(f).AsSpan(1), System.Globalization.CultureInfo.InvariantCulture))];

    private static MlpException Refused(string folder)
    {
        var error = Assert.Throws<MlpException>(() => WrongRowsOf(folder));
        Assert.Equal(FeatureErrors.StoreDamaged, error.Code);
        Assert.Contains("materialise again", error.Message, StringComparison.Ordinal);
        return error;
    }

    private static int WrongRowsOf(string folder)
    {
        using var store = OnlineStore.Open(folder, Service, Small);
        using var reader = store.CreateReader(Service);
        var row = new float[1];
        var wrong = store.CompleteUntil == Start.AddMinutes(1) ? 0 : 1;
        for (var i = 0; i < Sensors; i++)
        {
            reader.Read([EntityKey.Of(i)], Start.AddHours(1), row);
            wrong += row[0].Equals(ValueOf(i)) ? 0 : 1;
        }

        return wrong;
    }

    private string Copy()
    {
        var to = _root.At($"{++_copies}");
        foreach (var file in Directory.EnumerateFiles(Whole, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(Whole, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return to;
    }
}
