using Mlp.Core;

namespace Mlp.Features.Tests.Declarations;

public class OnDemandTests
{
    private static readonly DateTime Start = new(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    // On purpose in front of what it reads.
    private static readonly FeatureService Service = new("fares", "1", Ratios.ComputeView, RouteFacts.View);

    [Fact]
    public void What_is_computed_on_demand_is_the_same_offline_and_online()
    {
        var folder = Directory.CreateTempSubdirectory("mlp-on-demand-").FullName;
        try
        {
            var offline = OfflineStore.Open(Path.Combine(folder, "offline"));
            offline.Append(RouteFacts.Source, "one", OfflineQuery.Sql("SELECT TIMESTAMP '2001-01-01' AS known_at, 'SEA' AS origin, 'BOS' AS destination, 4010 AS distance, 0.5::DOUBLE AS load"));
            using var online = OnlineStore.Open(Path.Combine(folder, "online"), Service);
            online.Push(RouteFacts.Source, Start, new RouteFacts { Distance = 4010, Load = 0.5 }.ToEvent(new RouteKey { Origin = "SEA", Destination = "BOS" }));

            Assert.Equal(["fare_total", "minutes"], Service.RequestColumns.ToArray());
            Assert.Equal(["ratios.per_kilometre", "ratios.is_late", "ratios.hour", "route_facts.distance", "route_facts.load"], Service.Features.ToArray());
            (string To, double? Fare, double? Minutes)[] requests = [("BOS", 401, 20), ("BOS", 1e300, null), ("BOS", -1e300, 1), ("BOS", null, null), ("XXX", 10, 16), ("XXX", 10, 15)];
            var time = Start.AddHours(7);
            var rows = offline.Join(Service, new EntityRows(OfflineQuery.Sql($"SELECT TIMESTAMP '2001-01-01 07:00:00' AS at, * FROM (VALUES {string.Join(", ", requests.Select(Sql))}) AS t(n, origin, destination, fare_total, minutes)"), "at", Column.Integer("n"))).Single();

            using var reader = online.CreateReader(Service);
            var row = new float[Service.RowLength];
            for (var i = 0; i < requests.Length; i++)
            {
                var (to, fare, minutes) = requests[(int)rows.Integers("n")[i]];
                reader.Read([new RouteKey { Origin = "SEA", Destination = to }], time, [(float)(fare ?? double.NaN), (float)(minutes ?? double.NaN)], row);
                Assert.Equal(rows.Rows.Slice(i * row.Length, row.Length).ToArray(), row);
                Assert.Equal(to == "BOS" ? [(float)(fare ?? double.NaN) / 4010, 0, 7, 4010, 0.5f] : [float.NaN, minutes > 15 ? 1f : 0, 7, float.NaN, float.NaN], row);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        string Sql((string To, double? Fare, double? Minutes) r, int n) => FormattableString.Invariant($"({n}, 'SEA', '{r.To}', {(r.Fare is { } fare ? $"{fare:R}::DOUBLE" : "NULL")}, {(r.Minutes is { } m ? $"{m:R}" : "NULL")})");
    }

    [Fact]
    public void Many_rows_take_their_own_numbers_of_the_request()
    {
        var folder = Directory.CreateTempSubdirectory("mlp-on-demand-").FullName;
        try
        {
            using var online = OnlineStore.Open(folder, Service);
            using var reader = online.CreateReader(Service);
            var rows = new float[2 * Service.RowLength];
            EntityKey key = new RouteKey { Origin = "a", Destination = "b" };
            reader.ReadMany([key, key], Start, [1, 10, 1, 20], rows);
            Assert.Equal((0f, 1f), (rows[1], rows[Service.RowLength + 1]));

            var error = Assert.Throws<MlpException>(() => reader.Read([key], Start, new float[Service.RowLength]));
            Assert.Equal(ErrorCodes.TensorMismatch, error.Code);
            Assert.Contains("2 numbers (fare_total, minutes)", error.Message, StringComparison.Ordinal);

            using var pool = online.CreateReaderPool(Service);
            pool.Read([key], Start, [1, 20], rows.AsSpan(0, Service.RowLength));
            Assert.Equal(1, rows[1]);

            // A computation allocates nothing either.
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++)
            {
                reader.ReadMany([key, key], Start, [1, 10, 1, 20], rows);
            }

            Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("route_facts")]
    [InlineData("route_facts.weight")]
    [InlineData("other.load")]
    [InlineData("first.x")]
    public void An_input_that_the_service_does_not_have_is_refused_with_what_it_has(string input)
    {
        var first = new OnDemandView("first", "1", ["x"], static (_, f) => f[0] = 1);
        var reads = new OnDemandView("reads", "1", ["y"], [input], [], static (in i, f) => f[0] = i.Feature(0));
        var error = Assert.Throws<ArgumentException>(() => new FeatureService("s", "1", first, RouteFacts.View, reads));
        Assert.Contains($"'{input}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("load", $"{error.Message} route_facts.load", StringComparison.Ordinal);
    }

    [Fact]
    public void A_digest_changes_with_what_a_view_reads()
    {
        static string Digest(string[] inputs, string[] requested) => new FeatureService("s", "1", RouteFacts.View, new OnDemandView("v", "1", ["y"], inputs, requested, static (in _, f) => f[0] = 1)).Digest;

        string[] digests = [Digest([], []), Digest(["route_facts.load"], []), Digest(["route_facts.distance"], []), Digest([], ["load"]), Digest(["route_facts.load"], ["load"])];
        Assert.Equal(digests.Length, digests.Distinct().Count());
    }

    [Fact]
    public void A_view_reads_a_vector_as_one()
    {
        Assert.Equal(["signals.c"], Ratios.LengthOfView.Inputs.ToArray());
        Assert.Equal(["length"], Ratios.LengthOfView.Features.ToArray());
        var written = new float[1];
        Ratios.LengthOfView.Compute(new OnDemandInput(Start, [9, 9, 3, 4], [new InputPlace(2, 2)], [], []), written);
        Assert.Equal(5, written[0]);
    }
}
