using System.Text;
using Mlp.Core;
using Mlp.Features.Tests.Declarations;
using Mlp.Features.Tests.Scenarios;

namespace Mlp.Features.Tests;

public class DefinitionJsonTests
{
    [Fact]
    public void Definitions_of_every_kind_are_read_as_they_were_written()
    {
        var fares = new FeatureService("fares", "2", Ratios.ComputeView, RouteFacts.View, Everything.View);
        var definitions = new FeatureDefinitions(Departures.Service, fares);

        var read = FeatureDefinitions.Read(definitions.Write(), Departures.Clock, Ratios.ComputeView);

        Assert.Equal(Departures.Service.Digest, read.Service("delays").Digest);
        Assert.Equal(fares.Digest, read.Service("fares").Digest);
        Assert.Equal(definitions.Views.Select(v => v.Canonical), read.Views.Select(v => v.Canonical));
        Assert.Equal(definitions.Views.Select(v => v.Schema.Digest), read.Views.Select(v => v.Schema.Digest));
        Assert.Equal(definitions.Views.Select(v => (v.Owner, v.Description, string.Join(',', v.Tags))), read.Views.Select(v => (v.Owner, v.Description, string.Join(',', v.Tags))));
        Assert.Equal(definitions.Sources.Select(s => s.Name), read.Sources.Select(s => s.Name));
        Assert.Equal(definitions.Entities.Select(e => e.Name), read.Entities.Select(e => e.Name));
        Assert.Equal(fares.ToReference().Features, read.Service("fares").ToReference().Features);
        Assert.Same(Ratios.ComputeView, read.Views.Single(v => v.Name == "ratios"));
        Assert.Equal(Encoding.UTF8.GetString(definitions.Write()), Encoding.UTF8.GetString(read.Write()));
    }

    [Fact]
    public void The_sample_s_definitions_give_the_same_digest_by_way_of_JSON()
    {
        var service = FlightDelay.Features.FlightFeatures.Service;
        var read = FeatureDefinitions.Read(new FeatureDefinitions(service).Write(), FlightDelay.Features.FlightFeatures.Calendar).Service(service.Name);
        Assert.Equal(service.Digest, read.Digest);
        read.Require(service.ToReference());
    }

    [Fact]
    public void Every_aggregate_keeps_its_parameters()
    {
        var (hour, day) = (TimeSpan.FromHours(1), TimeSpan.FromDays(1));
        Aggregate[] aggregates =
        [
            Aggregate.Count(hour), Aggregate.Sum("n", hour), Aggregate.Sum("d", day, 0.1), Aggregate.Mean("n", hour), Aggregate.Mean("d", hour, 1e-3), Aggregate.Variance("d", hour, 0.5),
            Aggregate.Variance("n", hour), Aggregate.StandardDeviation("n", day), Aggregate.Share("n", -5, hour), Aggregate.Min("d", hour), Aggregate.Max("n", hour), Aggregate.First("n", hour),
            Aggregate.Last("d", hour), Aggregate.DecayedMean("n", hour, day), Aggregate.DecayedMean("d", hour, day, 0.25), Aggregate.Distinct("k", hour, 12), Aggregate.Quantile("d", 0.999, hour, 0.02),
            Aggregate.TopValues("k", 3, hour), Aggregate.TopShares("n", 2, hour) with { Name = "popular" },
        ];
        Assert.Equal(Enum.GetValues<AggregateKind>(), aggregates.Select(a => a.Kind).Distinct().Order());
        var source = new EventSource("s", "at", Column.Text("k"), Column.Integer("n"), Column.Number("d"), Column.Timestamp("was").Nullable()) { RetractsColumn = "was" };
        var view = new WindowedView("v", new Entity("e", "k"), source, TimeSpan.FromMinutes(5), hour, aggregates) { RetractableEventsMax = 50, SketchItemsMax = 4096, Tags = ["x"] };
        var service = new FeatureService("f", "1", view);

        var read = FeatureDefinitions.Read(new FeatureDefinitions(service).Write()).Service("f");

        Assert.Equal(view.Canonical, read.Views[0].Canonical);
        Assert.Equal(service.Digest, read.Digest);
        Assert.Equal(aggregates, Assert.IsType<WindowedView>(read.Views[0]).Aggregates.ToArray());
        Assert.Equal((50, 4096), (((WindowedView)read.Views[0]).RetractableEventsMax, ((WindowedView)read.Views[0]).SketchItemsMax));
        Assert.Equal("was", ((WindowedView)read.Views[0]).Source.RetractsColumn);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Columns_of_every_type_keep_their_schema_and_defaults(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 100; round++)
        {
            var columns = Array.ConvertAll(RandomRows.Schema(random).Columns.ToArray(), c => random.Next(2) == 0 ? c : c with { Default = RandomRows.Values(random, new RowSchema(c))[0] });
            var source = new EventSource("s", "at", [Column.Text("key"), Column.Timestamp("made"), .. columns]) { CreatedColumn = "made" };
            var entity = new Entity("e", "key");
            var service = new FeatureService("f", "1", new LatestView("v", entity, source, [.. columns.Select(c => c.Name)], TimeSpan.FromTicks(random.NextInt64(1, 1L << 50))));

            var read = FeatureDefinitions.Read(new FeatureDefinitions(service).Write()).Service("f");

            Assert.Equal(service.Views[0].Canonical, read.Views[0].Canonical);
            Assert.Equal(service.Digest, read.Digest);
        }
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(-0.0)]
    [InlineData(1e17)]
    [InlineData(12345678901234568)]
    [InlineData(5e-324)]
    public void A_default_number_is_read_to_the_bit(double value)
    {
        var source = new EventSource("s", "at", Column.Text("key"), Column.Number("d") with { Default = value });
        var read = FeatureDefinitions.Read(new FeatureDefinitions([], [source], [], []).Write()).Sources.Single();
        Assert.Equal(source.Columns[1].Canonical, read.Columns[1].Canonical);
    }

    [Fact]
    public void A_view_without_its_code_has_its_digest_and_cannot_be_computed()
    {
        var folder = Directory.CreateTempSubdirectory("mlp-json-").FullName;
        try
        {
            var read = FeatureDefinitions.Read(new FeatureDefinitions(Departures.Service).Write()).Service("delays");
            Assert.Equal(Departures.Service.Digest, read.Digest);
            Assert.False(Assert.IsType<OnDemandView>(read.Views[1]).HasCode);
            using var online = OnlineStore.Open(Path.Combine(folder, "online"), read);
            Assert.Equal(FeatureErrors.CodeMissing, Assert.Throws<MlpException>(() => online.CreateReader(read)).Code);
            var offline = OfflineStore.Open(Path.Combine(folder, "offline"));
            Assert.Equal(FeatureErrors.CodeMissing, Assert.Throws<MlpException>(() => offline.Join(read, Departures.RequestRows([])).Count()).Code);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Code_of_another_view_of_that_name_and_version_is_refused()
    {
        var json = new FeatureDefinitions(Departures.Service).Write();
        var other = new OnDemandView("clock", "1", ["minute"], static (time, f) => f[0] = time.Minute);
        Refused("$.views[1]", "minute", () => FeatureDefinitions.Read(json, other));
    }

    [Theory]
    [InlineData("", "$", "JSON")]
    [InlineData("[]", "$", "expected an object")]
    [InlineData("{}", "$", "'format' is missing")]
    [InlineData("{\"format\": 2}", "$.format", "expected 1")]
    [InlineData("{\"format\": 1, \"format\": 1}", "$", "uplicate")]
    [InlineData("{\"format\": 1, \"tables\": []}", "$", "'tables' is unknown")]
    [InlineData("{\"format\": 1, \"entities\": {}}", "$.entities", "expected an array")]
    [InlineData("{\"format\": 1, \"entities\": [{\"name\": \"e\"}]}", "$.entities[0]", "at least one key")]
    [InlineData("{\"format\": 1, \"entities\": [{\"name\": \"a b\", \"keys\": [\"k\"]}]}", "$.entities[0]", "'a b' is no name")]
    [InlineData("{\"format\": 1, \"entities\": [{\"name\": \"e\", \"keys\": [1]}]}", "$.entities[0].keys[0]", "expected a text")]
    [InlineData("{\"format\": 1, \"entities\": [{\"name\": \"e\", \"keys\": [\"k\"]}, {\"name\": \"e\", \"keys\": [\"k\"]}]}", "$.entities[1].name", "two of the name")]
    [InlineData("{\"format\": 1, \"sources\": [{\"name\": \"s\", \"time\": \"t\", \"columns\": [{\"name\": \"a\", \"type\": \"int65\"}]}]}", "$.sources[0].columns[0].type", "int65")]
    [InlineData("{\"format\": 1, \"sources\": [{\"name\": \"s\", \"time\": \"t\", \"columns\": [{\"name\": \"a\", \"type\": \"int8\", \"default\": 300}]}]}", "$.sources[0].columns[0].default", "300")]
    [InlineData("{\"format\": 1, \"sources\": [{\"name\": \"s\", \"time\": \"t\", \"columns\": [{\"name\": \"a\", \"type\": \"int8[2]\", \"default\": [1, 300]}]}]}", "$.sources[0].columns[0].default", "")]
    [InlineData("{\"format\": 1, \"sources\": [{\"name\": \"s\", \"time\": \"t\", \"columns\": [{\"name\": \"a\", \"type\": \"float[2]\", \"default\": [1, \"x\"]}]}]}", "$.sources[0].columns[0].default[1]", "expected float")]
    [InlineData("{\"format\": 1, \"sources\": [{\"name\": \"s\", \"time\": \"t\", \"columns\": [{\"name\": \"a\", \"type\": \"timestamp\", \"default\": \"noon\"}]}]}", "$.sources[0].columns[0].default", "2001-12-31T23:59:59.000000Z")]
    [InlineData("{\"format\": 1, \"sources\": [{\"name\": \"s\", \"time\": \"t\", \"columns\": [{\"name\": \"a\", \"type\": \"text\", \"categories\": [\"x\"]}]}]}", "$.sources[0].columns[0].categories", "has none")]
    [InlineData("{\"format\": 1, \"sources\": [{\"name\": \"s\", \"time\": \"t\", \"columns\": [{\"name\": \"a\", \"type\": \"category\"}]}]}", "$.sources[0].columns[0]", "needs categories")]
    [InlineData("{\"format\": 1, \"sources\": [{\"name\": \"s\", \"time\": \"t\", \"columns\": [{\"name\": \"t\", \"type\": \"text\"}]}]}", "$.sources[0]", "occurs twice")]
    [InlineData("{\"format\": 1, \"views\": [{\"kind\": \"table\", \"name\": \"v\"}]}", "$.views[0].kind", "latest, windowed or onDemand")]
    [InlineData("{\"format\": 1, \"views\": [7]}", "$.views[0]", "expected an object")]
    [InlineData("{\"format\": 1, \"views\": [{\"kind\": \"latest\", \"name\": \"v\", \"entity\": \"e\"}]}", "$.views[0].entity", "is not there")]
    [InlineData("{\"format\": 1, \"services\": [{\"name\": \"f\", \"version\": \"1\", \"views\": [\"v\"]}]}", "$.services[0].views[0]", "is not there")]
    [InlineData("{\"format\": 1, \"services\": [{\"name\": \"f\", \"version\": \"1\", \"views\": []}]}", "$.services[0]", "needs a view")]
    [InlineData("{\"format\": 1, \"entities\": [{\"name\": \"\\ud800\", \"keys\": [\"k\"]}]}", "$", "surrogate")]
    [InlineData("{\"format\": 1, \"\\ud800\": 1}", "$", "surrogate")]
    [InlineData("{\"format\": 1, \"entities\": [[[[[[[[[[[[[1]]]]]]]]]]]]]}", "$", "depth")]
    public void What_is_no_document_is_refused_with_its_place(string json, string path, string says) =>
        Refused(path, says, () => FeatureDefinitions.Read(Encoding.UTF8.GetBytes(json)));

    [Theory]
    [InlineData("{\"kind\": \"median\", \"window\": \"01:00:00\"}", "$.views[0].aggregates[0].kind", "count, sum, mean, variance, ")]
    [InlineData("{\"kind\": \"mean\", \"window\": \"01:00:00\"}", "$.views[0].aggregates[0]", "'column' is missing")]
    [InlineData("{\"kind\": \"count\", \"column\": \"n\", \"window\": \"01:00:00\"}", "$.views[0].aggregates[0]", "'column' is unknown")]
    [InlineData("{\"kind\": \"count\", \"window\": \"1h\"}", "$.views[0].aggregates[0].window", "expected a span of time")]
    [InlineData("{\"kind\": \"count\", \"window\": \"00:01:30\"}", "$.views[0]", "a multiple of the tile")]
    [InlineData("{\"kind\": \"sum\", \"column\": \"x\", \"window\": \"01:00:00\"}", "$.views[0]", "no column 'x'")]
    [InlineData("{\"kind\": \"share\", \"column\": \"n\", \"above\": 1.5, \"window\": \"01:00:00\"}", "$.views[0].aggregates[0].above", "expected an integer")]
    public void An_aggregate_that_is_none_is_refused_with_its_place(string aggregate, string path, string says) =>
        Refused(path, says, () => FeatureDefinitions.Read(Encoding.UTF8.GetBytes(
            "{\"format\": 1, \"entities\": [{\"name\": \"e\", \"keys\": [\"k\"]}], \"sources\": [{\"name\": \"s\", \"time\": \"t\", \"columns\": [{\"name\": \"k\", \"type\": \"text\"}, {\"name\": \"n\", \"type\": \"int64\"}]}], "
            + $"\"views\": [{{\"kind\": \"windowed\", \"name\": \"v\", \"entity\": \"e\", \"source\": \"s\", \"tile\": \"00:01:00\", \"lateness\": \"00:00:00\", \"aggregates\": [{aggregate}]}}]}}")));

    [Fact]
    public void A_document_that_is_too_large_is_refused_before_it_is_read() =>
        Refused("$", $"{FeatureDefinitions.BytesMax} at most", () => FeatureDefinitions.Read(new byte[FeatureDefinitions.BytesMax + 1]));

    [Fact]
    public void Damaged_documents_are_refused_or_read_but_never_anything_else()
    {
        var whole = new FeatureDefinitions(Departures.Service, new FeatureService("fares", "2", Ratios.ComputeView, RouteFacts.View, Everything.View)).Write();
        var random = new Random(3);
        var refused = 0;
        for (var round = 0; round < 3000; round++)
        {
            var damaged = whole.AsSpan(0, random.Next(8) == 0 ? random.Next(whole.Length) : whole.Length).ToArray();
            for (var hits = random.Next(1, 4); hits > 0 && damaged.Length > 0; hits--)
            {
                damaged[random.Next(damaged.Length)] = random.Next(2) == 0 ? whole[random.Next(whole.Length)] : (byte)random.Next(256);
            }

            try
            {
                FeatureDefinitions.Read(damaged);
            }
            catch (MlpException e)
            {
                Assert.Equal(FeatureErrors.DefinitionInvalid, e.Code);
                refused++;
            }
        }

        Assert.True(refused > 500, $"{refused} of 3000 were refused");
    }

    [Fact]
    public void Two_things_of_one_name_that_differ_are_refused()
    {
        var other = new LatestView("last_departure", Departures.Airport, Departures.Source, ["delay"]);
        Assert.Contains("'last_departure'", Assert.Throws<ArgumentException>(() => new FeatureDefinitions(Departures.Service, new FeatureService("other", "1", other))).Message, StringComparison.Ordinal);
    }

    private static void Refused(string path, string says, Action read)
    {
        var error = Assert.Throws<MlpException>(read);
        Assert.Equal(FeatureErrors.DefinitionInvalid, error.Code);
        Assert.StartsWith($"{path}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }
}
