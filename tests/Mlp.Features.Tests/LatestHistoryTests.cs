using System.Text.RegularExpressions;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

public partial class LatestHistoryTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 24)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task The_join_and_the_online_store_give_what_the_definition_says_of_columns_of_every_type(int seed)
    {
        using var folder = new TemporaryFolder();
        var history = new History(seed, 160);
        var offline = OfflineStore.Open(folder.At("offline"), new OfflineStoreOptions { BatchRows = 33, Partition = (DatePartition)(seed % 3) });
        await AppendInTwoBatches(offline, history);

        var requests = history.Requests(90);
        var rows = requests.Select((r, i) => (FeatureValue[])[r.Time, .. r.Keys, (long)i]);
        using var staged = await offline.StageAsync(history.RequestColumns, AsyncRows.Of(rows));
        var joined = new Dictionary<long, float[]>();
        foreach (var batch in offline.Join(history.Service, history.EntityRows(staged.Query)))
        {
            for (var row = 0; row < batch.Count; row++)
            {
                var number = batch.Integers("number")[row];
                var floats = batch.Rows.Slice(row * history.Service.RowLength, history.Service.RowLength).ToArray();
                joined.Add(number, floats);
                IsByDefinition(history, requests[number], batch, row, floats);
            }
        }

        Assert.Equal(requests.Length, joined.Count);
        await OnlineGivesTheSame(folder, history, offline, requests, joined);
    }

    private static async Task AppendInTwoBatches(OfflineStore offline, History history)
    {
        using var staged = await offline.StageAsync(history.StagedColumns, history.StagedEvents);
        var middle = history.Source.Columns[0].Name;
        offline.Append(history.Source, "first", staged.Query.Where($"hash({middle}, known_at) % 2 = 0"));
        offline.Append(history.Source, "second", staged.Query.Where($"hash({middle}, known_at) % 2 = 1"));
        Assert.Equal(history.Events.Length, offline.RowsOf(history.Source));
    }

    private static void IsByDefinition(History history, (DateTime Time, FeatureValue[] Keys) request, FeatureBatch batch, int row, float[] floats)
    {
        var (at, offset) = (0, 0);
        foreach (var view in (LatestView[])[history.Whole, history.Young])
        {
            var expected = history.ByDefinition(view, request.Keys, request.Time);
            var expectedFloats = new float[view.FloatCount];
            WriteFloats(view, expected, expectedFloats);
            for (var f = 0; f < expected.Length; f++, at++)
            {
                var column = batch.Features[at];
                Assert.Equal($"{view.Name}.{view.Features[f]}", column.Name);
                Assert.True(Text(expected[f]) == Text(column[row]), $"{column.Name} ({column.Column.Type}) at {request.Time:O} of {string.Join(", ", request.Keys)}: {Text(column[row])}, expected {Text(expected[f])}");
            }

            SameBits(expectedFloats, floats.AsSpan(offset, view.FloatCount), view.Name);
            offset += view.FloatCount;
        }
    }

    // One store fed event by event in any order, one by materialisation in two steps; both are asked at the times of the requests.
    private static async Task OnlineGivesTheSame(TemporaryFolder folder, History history, OfflineStore offline, (DateTime Time, FeatureValue[] Keys)[] requests, Dictionary<long, float[]> joined)
    {
        var row = new float[history.Service.RowLength];
        var last = requests[^1].Time;
        var middle = requests[requests.Length / 2].Time;
        using var pushed = OnlineStore.Open(folder.At("pushed"), history.Service);
        using var materialised = OnlineStore.Open(folder.At("materialised"), history.Service);
        using var pushedReader = pushed.CreateReader(history.Service);
        using var materialisedReader = materialised.CreateReader(history.Service);
        var done = new HashSet<int>();
        foreach (var time in (DateTime[])[middle, last])
        {
            foreach (var (e, i) in history.Events.Select((e, i) => (e, i)).Where(x => x.e.Time < time && done.Add(x.i)).Reverse().ToArray())
            {
                pushed.Push(history.Source, e.Time, e.Values);
            }

            await Materializer.RunAsync(offline, materialised, time);
            for (var i = 0; i < requests.Length; i++)
            {
                if (requests[i].Time == time)
                {
                    pushedReader.Read(history.KeysOf(requests[i].Keys), time, row);
                    SameBits(joined[i], row, "pushed");
                    materialisedReader.Read(history.KeysOf(requests[i].Keys), time, row);
                    SameBits(joined[i], row, "materialised");
                }
            }
        }
    }

    private static void WriteFloats(LatestView view, FeatureValue[] values, Span<float> floats)
    {
        var at = 0;
        foreach (var (column, value) in view.Schema.Columns.ToArray().Zip(values))
        {
            for (var e = 0; e < column.Type.FloatCount; e++)
            {
                floats[at++] = value.IsMissing ? float.NaN
                    : value.Elements is { } elements ? elements.GetValue(e) switch { bool b => b ? 1 : 0, Half h => (float)h + 0f, float f => f + 0f, ulong u => u, long l => l, var x => Convert.ToSingle(x, System.Globalization.CultureInfo.InvariantCulture) }
                    : column.Type.Kind switch
                    {
                        ColumnKind.Category => column.Categories.IndexOf(value.Text!),
                        ColumnKind.Half => (float)(Half)value.Number + 0f,
                        ColumnKind.Float or ColumnKind.Double => (float)value.Number + 0f,
                        ColumnKind.UInt64 => (ulong)value.Integer,
                        _ => value.Integer,
                    };
            }
        }
    }

    private static string Text(FeatureValue value) => value.IsMissing ? "missing" : NegativeZero().Replace(value.ToString(), "0");

    // No zero has a sign once it is in a row.
    [GeneratedRegex("(?<![0-9.A-Za-z])-0(?![0-9.A-Za-z])")]
    private static partial Regex NegativeZero();

    private static void SameBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string because)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(BitConverter.SingleToInt32Bits(expected[i]) == BitConverter.SingleToInt32Bits(actual[i]) || (float.IsNaN(expected[i]) && float.IsNaN(actual[i])), $"{because}, float {i}: {actual[i]:R}, expected {expected[i]:R}");
        }
    }
}
