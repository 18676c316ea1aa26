using Mlp.Core;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

/// <summary>A source's folder is opened with a definition that its files were not appended under.</summary>
public class ChangedSourceTests
{
    private static readonly DateTime End = ChangedSource.Start.AddDays(31);

    [Theory]
    [InlineData(1, DatePartition.Month)]
    [InlineData(2, DatePartition.Day)]
    [InlineData(3, DatePartition.None)]
    [InlineData(4, DatePartition.Month)]
    public async Task Files_of_an_older_definition_are_what_the_newer_one_would_have_appended(int seed, DatePartition partition)
    {
        using var folder = new TemporaryFolder();
        var random = new Random(seed);
        var options = new OfflineStoreOptions { Partition = partition, BatchRows = 50 };
        OfflineStore mixed = OfflineStore.Open(folder.At("mixed"), options), newer = OfflineStore.Open(folder.At("newer"), options);
        for (var i = 0; i < 4; i++)
        {
            var isOlder = i < 2;
            var events = ChangedSource.Events(random, isOlder ? ChangedSource.Older : ChangedSource.Newer, 60);
            await AppendAsync(mixed, isOlder ? ChangedSource.Older : ChangedSource.Newer, $"b{i}", events);
            await AppendAsync(newer, ChangedSource.Newer, $"b{i}", isOlder ? [.. events.Select(ChangedSource.Turned)] : events);
            if (i is 0 or 2)
            {
                await AreTheSame(folder, mixed, newer, $"online{i}");
            }
        }

        // A batch that is appended again under the newer definition is replaced.
        var again = ChangedSource.Events(random, ChangedSource.Newer, 30);
        await AppendAsync(mixed, ChangedSource.Newer, "b0", again);
        await AppendAsync(newer, ChangedSource.Newer, "b0", again);
        await AreTheSame(folder, OfflineStore.Open(folder.At("mixed"), options), newer, "online");
    }

    [Fact]
    public async Task Files_of_a_newer_definition_are_read_by_an_older_one_as_far_as_it_can_follow()
    {
        using var folder = new TemporaryFolder();
        EventSource older = Source(Column.Integer("user"), Column.Integer("amount")), newer = Source(Column.Text("city").Nullable(), Column.Integer("amount"), Column.Integer("user"), Column.Float("share") with { Default = 0.5 });
        var offline = OfflineStore.Open(folder.Path);
        await AppendAsync(offline, older, "a", [[ChangedSource.Start, 1L, 10L]]);
        await AppendAsync(offline, newer, "b", [[ChangedSource.Start.AddDays(1), "Oslo", 20L, 2L, 0.25]]);
        await AppendAsync(offline, older, "c", [[ChangedSource.Start.AddDays(2), 3L, 30L]]);
        Assert.Equal(["1|10", "2|20", "3|30"], Values(offline, older));
        Assert.Equal(["missing|10|1|0.5", "Oslo|20|2|0.25", "missing|30|3|0.5"], Values(offline, newer));

        // What was widened does not become narrower again.
        var wider = Source(Column.Integer("user"), Column.Number("amount"));
        Refused(folder.Path, wider, "~ amount: int64 -> amount: double (older values are int64");
        var narrow = Source(Column.Integer("user"), Column.Of("amount", ColumnKind.Int32));
        Refused(folder.Path, narrow, "~ amount: int64 -> amount: int32 (older values are int64");
    }

    [Fact]
    public async Task Retractions_may_be_told_by_a_column_that_is_added()
    {
        using var folder = new TemporaryFolder();
        var older = Source(Column.Integer("user"), Column.Integer("amount"));
        var newer = new EventSource("clicks", "known_at", Column.Integer("user"), Column.Integer("amount"), Column.Integer("retracts") with { Default = 0L }) { RetractsColumn = "retracts" };
        var hour = TimeSpan.FromHours(1);
        var service = new FeatureService("s", "1", new WindowedView("sums", new Entity("user", "user"), newer, hour, hour * 5, Aggregate.Sum("amount", hour * 24)) { RetractableEventsMax = 4 });
        var offline = OfflineStore.Open(folder.At("offline"));
        await AppendAsync(offline, older, "a", [[ChangedSource.Start, 1L, 10L], [ChangedSource.Start.AddHours(1), 1L, 20L]]);
        await AppendAsync(offline, newer, "b", [[ChangedSource.Start.AddHours(2), 1L, 10L, FeatureTime.Micros(ChangedSource.Start)]]);
        using var online = OnlineStore.Open(folder.At("online"), service);
        await Materializer.RunAsync(offline, online, ChangedSource.Start.AddHours(4));
        using var reader = online.CreateReader(service);
        var row = new float[1];
        reader.Read([EntityKey.Of(1L)], ChangedSource.Start.AddHours(4), row);
        Assert.Equal(20f, row[0]);
        using var asked = await offline.StageAsync([Column.Integer("user"), Column.Timestamp("moment")], AsyncRows.Of((FeatureValue[][])[[1L, ChangedSource.Start.AddHours(2)], [1L, ChangedSource.Start.AddHours(4)]]));
        Assert.Equal([30f, 20f], Assert.Single(offline.Join(service, new EntityRows(asked.Query, "moment"))).Rows.ToArray());
    }

    [Fact]
    public async Task A_sink_goes_on_with_a_newer_definition_and_brings_what_it_appended_under_the_older_one()
    {
        using var folder = new TemporaryFolder();
        EventSource older = Source(Column.Of("user", ColumnKind.Int64), Column.Of("amount", ColumnKind.Int32)), newer = Source(Column.Integer("user"), Column.Integer("amount"), Column.Integer("weight") with { Default = 3L });
        FeatureService Service(EventSource source, string column) => new("s", "1", new WindowedView("sums", new Entity("user", "user"), source, TimeSpan.FromHours(1), TimeSpan.FromDays(1), Aggregate.Sum(column, TimeSpan.FromDays(3))));
        using (var online = OnlineStore.Open(folder.At("online"), Service(older, "amount")))
        {
            await using var sink = await FeatureSink.OpenAsync(online, OfflineStore.Open(folder.At("offline")), older, "topic");
            await sink.PushAsync(new StreamEvent(0, ChangedSource.Start, [1L, 10L]));
            await sink.PushAsync(new StreamEvent(1, ChangedSource.Start, [1L, 20L]));
        }

        var service = Service(newer, "weight");
        for (var round = 1; round <= 2; round++)
        {
            using var online = OnlineStore.Open(folder.At($"online{round}"), service);
            await using var sink = await FeatureSink.OpenAsync(online, OfflineStore.Open(folder.At("offline")), newer, "topic");
            Assert.Equal(1 + round, sink.Position);
            await sink.PushAsync(new StreamEvent(1 + round, ChangedSource.Start.AddHours(1), [1L, 5L, 10L]));
            using var reader = online.CreateReader(service);
            var row = new float[1];
            reader.Read([EntityKey.Of(1L)], ChangedSource.Start.AddHours(5), row);
            Assert.Equal(6f + (10f * round), row[0]);
        }
    }

    public static TheoryData<string> Changes => [.. Incompatible.Keys];

    private static readonly Dictionary<string, (EventSource Source, string Line)> Incompatible = new()
    {
        ["type"] = (Source(Column.Integer("user"), Column.Text("amount"), Column.Category("colour", "red", "green"), Column.Text("name").Nullable()), "~ amount: int32 -> amount: text (older values are int32; a type can only become a wider one of its own sort)"),
        ["sort"] = (Source(Column.Integer("user"), Column.Number("amount"), Column.Category("colour", "red", "green"), Column.Text("name").Nullable()), "~ amount: int32 -> amount: double (older values are int32"),
        ["narrower"] = (Source(Column.Of("user", ColumnKind.Int16), Column.Of("amount", ColumnKind.Int32), Column.Category("colour", "red", "green"), Column.Text("name").Nullable()), "~ user: int64 -> user: int16 (older values are int64"),
        ["added"] = (Source(Column.Integer("user"), Column.Of("amount", ColumnKind.Int32), Column.Category("colour", "red", "green"), Column.Text("name").Nullable(), Column.Float("share")), "+ share: float (older rows have no value for it: make it nullable or give it a default)"),
        ["nullable"] = (Source(Column.Integer("user"), Column.Of("amount", ColumnKind.Int32), Column.Category("colour", "red", "green"), Column.Text("name")), "~ name: text? -> name: text (it may be missing in older rows"),
        ["category"] = (Source(Column.Integer("user"), Column.Of("amount", ColumnKind.Int32), Column.Category("colour", "red"), Column.Text("name").Nullable()), "(older rows may have the category 'green')"),
        ["time"] = (new EventSource("clicks", "at", Column.Integer("user"), Column.Of("amount", ColumnKind.Int32)), "~ known_at: time -> at: time (when an event became known keeps its name)"),
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task What_files_cannot_follow_is_refused_with_the_difference_and_the_folder_stays_as_it_is(string change)
    {
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.Path);
        await AppendAsync(offline, Source(Column.Integer("user"), Column.Of("amount", ColumnKind.Int32), Column.Category("colour", "red", "green"), Column.Text("name").Nullable()), "a", [[ChangedSource.Start, 1L, 10L, "red", "ann"]]);
        Refused(folder.Path, Incompatible[change].Source, Incompatible[change].Line);
    }

    [Fact]
    public async Task A_definition_is_compared_with_every_file_and_not_with_the_last_one_alone()
    {
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.Path);
        await AppendAsync(offline, Source(Column.Integer("user"), Column.Text("note").Nullable()), "a", [[ChangedSource.Start, 1L, "x"]]);
        await AppendAsync(offline, Source(Column.Integer("user")), "b", [[ChangedSource.Start, 1L]]);
        Refused(folder.Path, Source(Column.Integer("user"), Column.Float("note").Nullable()), "~ note: text? -> note: float? (older values are text");

        // With the files that have it so, the column may be another.
        await AppendAsync(offline, Source(Column.Integer("user")), "a", [[ChangedSource.Start, 1L]]);
        Assert.Equal(["1|missing", "1|missing"], Values(offline, Source(Column.Integer("user"), Column.Float("note").Nullable())));
    }

    [Theory]
    [InlineData("known_at: time, user: int64, created: timestamp?, created: created", true)]
    [InlineData("known_at: time, user: int64, made: timestamp, created: made", false)]
    [InlineData("known_at: time, user: int64, created: timestamp?", true)]
    public async Task A_list_that_has_one_schema_for_all_of_its_files_is_read(string schema, bool isCreated)
    {
        using var folder = new TemporaryFolder();
        var moment = isCreated ? Column.Timestamp("created").Nullable() : Column.Timestamp("made");
        var source = new EventSource("clicks", "known_at", Column.Integer("user"), moment) { CreatedColumn = moment.Name };
        var offline = OfflineStore.Open(folder.Path);
        await AppendAsync(offline, source, "a", [[ChangedSource.Start, 1L, ChangedSource.Start]]);
        var path = Path.Combine(folder.At("clicks"), "source.json");
        var list = System.Text.Json.Nodes.JsonNode.Parse(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken))!.AsObject();
        Assert.True(list.Remove("schemas"));
        list["format"] = 2;
        list["schema"] = schema;
        await File.WriteAllTextAsync(path, list.ToJsonString(), TestContext.Current.CancellationToken);
        Assert.Single(Values(offline, source));
        var wider = new EventSource("clicks", "known_at", Column.Integer("user"), moment.Nullable(), Column.Text("added").Nullable());
        await AppendAsync(offline, wider, "b", [[ChangedSource.Start.AddDays(1), 2L, FeatureValue.Missing, "new"]]);
        Assert.EndsWith("|missing", Values(offline, wider)[0], StringComparison.Ordinal);
        Assert.Equal("2|missing|new", Values(offline, wider)[1]);
    }

    [Theory]
    [InlineData("\"schema\": 7,")]
    [InlineData("\"schema\": -1,")]
    public async Task A_list_whose_file_has_no_schema_of_it_is_damaged(string index)
    {
        using var folder = new TemporaryFolder();
        var offline = OfflineStore.Open(folder.Path);
        var source = Source(Column.Integer("user"));
        await AppendAsync(offline, source, "a", [[ChangedSource.Start, 1L]]);
        var path = Path.Combine(folder.At("clicks"), "source.json");
        var text = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(path, text.Replace("\"rows\"", $"{index} \"rows\"", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        Assert.Equal(FeatureErrors.StoreDamaged, Assert.Throws<MlpException>(() => offline.RowsOf(source)).Code);
    }

    private static EventSource Source(params ReadOnlySpan<Column> columns) => new("clicks", "known_at", columns);

    private static List<string> Values(OfflineStore offline, EventSource source) => [.. offline.Replay(source, DateTime.MinValue, DateTime.MaxValue)
        .SelectMany(b => Enumerable.Range(0, b.Count).Select(i => string.Join('|', b.Carried.ToArray().Select(c => c.IsMissing(i) ? "missing" : c[i].ToString()))))];

    private static async Task AppendAsync(OfflineStore offline, EventSource source, string batch, FeatureValue[][] events)
    {
        using var staged = await offline.StageAsync(ChangedSource.Staged(source), AsyncRows.Of(events));
        Assert.Equal(events.Length, offline.Append(source, batch, staged.Query));
    }

    private static void Refused(string folder, EventSource source, string line)
    {
        var before = FolderCopy.Digests(folder);
        var offline = OfflineStore.Open(folder);
        foreach (var ask in (Action[])[() => offline.RowsOf(source), () => offline.DigestOf(source), () => offline.Append(source, "x", OfflineQuery.Sql("SELECT 1")), () => Values(offline, source)])
        {
            var error = Assert.Throws<MlpException>(ask);
            Assert.Equal(FeatureErrors.SchemaMismatch, error.Code);
            Assert.Contains(line, error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, FolderCopy.Digests(folder));
    }

    private static async Task AreTheSame(TemporaryFolder folder, OfflineStore mixed, OfflineStore newer, string online)
    {
        Assert.Equal(ChangedSource.Lines(newer.Replay(ChangedSource.Newer, DateTime.MinValue, DateTime.MaxValue)), ChangedSource.Lines(mixed.Replay(ChangedSource.Newer, DateTime.MinValue, DateTime.MaxValue)));
        var requests = Enumerable.Range(0, 120).Select(i => (FeatureValue[])[(long)(i % 5), ChangedSource.Start.AddHours(6 * i), i]).ToArray();
        using var staged = await newer.StageAsync([Column.Integer("user"), Column.Timestamp("moment"), Column.Integer("number")], AsyncRows.Of(requests));
        var entities = new EntityRows(staged.Query, "moment", Column.Integer("number"));
        var expected = ChangedSource.Lines(newer.Join(ChangedSource.Service, entities));
        Assert.Equal(expected, ChangedSource.Lines(mixed.Join(ChangedSource.Service, entities)));
        Assert.Equal(requests.Length, expected.Count);
        using OnlineStore one = OnlineStore.Open(folder.At($"{online}-mixed"), ChangedSource.Service), other = OnlineStore.Open(folder.At($"{online}-newer"), ChangedSource.Service);
        Assert.Equal(await Materializer.RunAsync(newer, other, End), await Materializer.RunAsync(mixed, one, End));
        using FeatureReader reader = one.CreateReader(ChangedSource.Service), otherReader = other.CreateReader(ChangedSource.Service);
        float[] row = new float[ChangedSource.Service.RowLength], otherRow = new float[row.Length];
        for (var user = 0L; user < 4; user++)
        {
            reader.Read([EntityKey.Of(user)], End, row);
            otherReader.Read([EntityKey.Of(user)], End, otherRow);
            Assert.Equal(ChangedSource.Bits(otherRow), ChangedSource.Bits(row));
        }
    }
}
