using Microsoft.AspNetCore.Routing;

namespace Mlp.Registry.Server;

/// <summary><c>/mlflow/runs</c> and <c>/mlflow/metrics</c>.</summary>
internal sealed class RunRoutes(Answers answers, RunStore runs, RunWrites writes)
{
    private const int ResultsUsual = 1000;
    private const int ResultsMax = 50_000;
    private const int NameLengthMax = 250;

    // What MLflow's own client asks for at a time; one that asks for no number gets as many, and a token for the rest.
    private const int PointsMax = 25_000;
    private const int DatasetTextMax = 500;
    private const int DatasetSchemaMax = 65_535;

    public void Map(IEndpointRouteBuilder routes)
    {
        var json = RegistryJson.Default;
        answers.Map(routes, "POST", "/mlflow/runs/create", json.RunAnswer, async (fields, cancel) => new RunAnswer(await runs.CreateAsync(
            fields.TextOrNull("experiment_id") is { Length: > 0 } id ? id : "0", fields.TextOrNull("run_name", NameLengthMax), fields.TextOrNull("user_id", NameLengthMax),
            fields.Int64OrNull("start_time"), Tags.ReadAll(fields), cancel).ConfigureAwait(false)));
        answers.Map(routes, "POST", "/mlflow/runs/update", json.RunInfoAnswer, async (fields, cancel) => new RunInfoAnswer(await runs.UpdateAsync(
            RunId(fields), fields.TextOrNull("status"), fields.Int64OrNull("end_time"), fields.TextOrNull("run_name", NameLengthMax), cancel).ConfigureAwait(false)));
        answers.Map(routes, "GET", "/mlflow/runs/get", json.RunAnswer, fields => new RunAnswer(runs.Get(RunId(fields))));
        answers.Map(routes, "POST", "/mlflow/runs/search", json.RunsAnswer, fields =>
        {
            Stages.RefuseFilter(fields);
            NameFilter.RefuseOrder(fields.Texts("order_by"), RunStore.OwnOrder);
            return runs.Search(fields.Texts("experiment_ids"), Stages.Of(fields, "run_view_type"), fields.MaxResults(ResultsUsual, ResultsMax), fields.TextOrNull("page_token"));
        });
        answers.Map(routes, "POST", "/mlflow/runs/log-batch", json.Nothing, (fields, cancel) => writes.LogAsync(
            RunId(fields), ReadMetrics(fields), Tags.ReadParameters(fields), Tags.ReadAll(fields), cancel));
        answers.Map(routes, "POST", "/mlflow/runs/log-metric", json.Nothing, (fields, cancel) => writes.LogAsync(RunId(fields), [ReadMetric(fields)], [], [], cancel));
        answers.Map(routes, "POST", "/mlflow/runs/log-parameter", json.Nothing, (fields, cancel) => writes.LogAsync(RunId(fields), [], [Tags.ReadParameter(fields)], [], cancel));
        answers.Map(routes, "POST", "/mlflow/runs/set-tag", json.Nothing, (fields, cancel) => writes.LogAsync(RunId(fields), [], [], [Tags.Read(fields)], cancel));
        answers.Map(routes, "POST", "/mlflow/runs/log-inputs", json.Nothing, (fields, cancel) => writes.LogInputsAsync(RunId(fields), ReadInputs(fields), cancel));
        answers.Map(routes, "GET", "/mlflow/metrics/get-history", json.MetricsAnswer, fields => runs.History(
            RunId(fields), fields.Text("metric_key"), fields.MaxResults(PointsMax, PointsMax), fields.TextOrNull("page_token")));
    }

    /// <summary>Clients send the identity under its name of today, its old one, or both.</summary>
    private static string RunId(Fields fields) => fields.TextOrNull("run_id") is { Length: > 0 } id
        ? id
        : fields.TextOrNull("run_uuid") is { Length: > 0 } old ? old : throw RegistryFault.Missing("run_id");

    private static List<Metric> ReadMetrics(Fields fields)
    {
        var metrics = new List<Metric>();
        foreach (var metric in fields.Objects("metrics"))
        {
            metrics.Add(ReadMetric(metric));
        }

        return metrics;
    }

    private static Metric ReadMetric(Fields fields) =>
        new(Tags.Key(fields), fields.Double("value"), fields.Int64("timestamp"), fields.Int64OrNull("step") ?? 0);

    private static List<DatasetInput> ReadInputs(Fields fields)
    {
        var inputs = new List<DatasetInput>();
        foreach (var input in fields.Objects("datasets"))
        {
            var dataset = input.ObjectOrNull("dataset") ?? throw RegistryFault.Missing("dataset");
            inputs.Add(new DatasetInput(Tags.ReadAll(input), new Dataset(
                Bounded(dataset, "name"), Bounded(dataset, "digest"), Bounded(dataset, "source_type"), Bounded(dataset, "source"),
                dataset.TextOrNull("schema", DatasetSchemaMax), dataset.TextOrNull("profile", DatasetSchemaMax))));
        }

        return inputs;
    }

    private static string Bounded(Fields fields, string name)
    {
        fields.TextOrNull(name, DatasetTextMax);
        return fields.Text(name);
    }
}
