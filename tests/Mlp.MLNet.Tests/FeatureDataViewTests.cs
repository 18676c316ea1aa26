using Microsoft.ML;
using Microsoft.ML.Data;
using Mlp.Features;

namespace Mlp.MLNet.Tests;

public sealed class FeatureDataViewTests : IDisposable
{
    private static readonly EventSource Readings = new("readings", "known_at", Column.Integer("sensor"), Column.Float("level"), Column.Float("load"));
    private static readonly FeatureService Service = new("s", "1", new LatestView("last", new Entity("sensor", "sensor"), Readings, ["level", "load"]));
    private readonly string _folder = Directory.CreateTempSubdirectory("mlp-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_trainer_reads_a_join_pass_after_pass()
    {
        var view = new FeatureDataView(Store(), Service, Rows(Column.Float("label"), Column.Text("name"), Column.Timestamp("at_moment")));
        var context = new MLContext(seed: 1);
        Assert.Equal(300, context.Data.CreateEnumerable<Row>(view, reuseRowObject: false).Count());
        var model = context.Regression.Trainers.FastTree(labelColumnName: "label", numberOfLeaves: 8, minimumExampleCountPerLeaf: 2).Fit(view);
        var metrics = context.Regression.Evaluate(model.Transform(view), labelColumnName: "label");
        Assert.True(metrics.RSquared > 0.9, $"{metrics.RSquared}");

        var rows = context.Data.CreateEnumerable<Row>(view, reuseRowObject: false).ToArray();
        Assert.All(rows, r => Assert.Equal(r.Label, r.Features[0] + (2 * r.Features[1])));
        Assert.All(rows, r => Assert.Equal($"s{r.Label}", r.Name));
        VBuffer<ReadOnlyMemory<char>> names = default;
        view.Schema[FeatureDataView.FeaturesColumn].GetSlotNames(ref names);
        Assert.Equal(["last.level", "last.load"], names.DenseValues().Select(n => n.ToString()));
    }

    [Fact]
    public void A_column_that_ML_NET_has_no_type_for_is_refused_at_once()
    {
        Assert.Throws<ArgumentException>(() => new FeatureDataView(Store(), Service, Rows(Column.Vector("label", 2))));
        Assert.Throws<ArgumentException>(() => new FeatureDataView(Store(), Service, Rows(Column.Float("Features"))));
    }

    private static EntityRows Rows(params ReadOnlySpan<Column> columns) => new(
        OfflineQuery.Sql("SELECT i AS sensor, TIMESTAMP '2001-02-01' AS moment, (i % 7) + 2 * (i % 5) AS label, 's' || ((i % 7) + 2 * (i % 5)) AS name, TIMESTAMP '2001-03-01' AS at_moment, 0 AS \"Features\" FROM range(300) AS t(i)"), "moment", columns);

    private OfflineStore Store()
    {
        var store = OfflineStore.Open(_folder, new OfflineStoreOptions { BatchRows = 77 });
        store.Append(Readings, "b", OfflineQuery.Sql("SELECT TIMESTAMP '2001-01-01' AS known_at, i AS sensor, i % 7 AS level, i % 5 AS load FROM range(300) AS t(i)"));
        return store;
    }

    private sealed class Row
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];

        [ColumnName("label")]
        public float Label { get; set; }

        [ColumnName("name")]
        public string Name { get; set; } = "";
    }
}
