using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Mlp.Registry.Server;

/// <summary>Runs: created, changed, found.</summary>
internal sealed class RunStore(RegistryDatabase database)
{
    public const string NameTag = "mlflow.runName";
    public const string OwnOrder = "start_time DESC";

    private const string Columns = "run_id, run_name, experiment_id, user_id, status, start_time, end_time, lifecycle_stage, (SELECT artifact_location FROM experiments e WHERE e.experiment_id = runs.experiment_id)";

    public Task<Run> CreateAsync(string experimentId, string? name, string? user, long? startTime, List<KeyValue> tags, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid().ToString("N");

        // The name is a field and a tag at once; either is taken for the other.
        var tagged = tags.Find(static t => t.Key == NameTag);
        name = name is { Length: > 0 } ? name : tagged?.Value is { Length: > 0 } text ? text : "run-" + id[..8];
        return database.WriteAsync(connection =>
        {
            var experiment = ExperimentStore.Find(connection, experimentId);
            if (experiment.LifecycleStage != "active")
            {
                throw RegistryFault.Invalid($"The experiment {experimentId} must be in the 'active' state. Current state is {experiment.LifecycleStage}.");
            }

            connection.Run(
                "INSERT INTO runs VALUES ($id, $experiment, $name, $user, 'RUNNING', $start, NULL, 'active')",
                ("$id", id), ("$experiment", long.Parse(experiment.ExperimentId, CultureInfo.InvariantCulture)), ("$name", name), ("$user", user), ("$start", startTime ?? database.Now));
            RunWrites.SetTags(connection, id, tags);
            RunWrites.SetTags(connection, id, [new KeyValue(NameTag, name)]);
            return Find(connection, id);
        }, cancellationToken);
    }

    public Task<RunInfo> UpdateAsync(string runId, string? status, long? endTime, string? name, CancellationToken cancellationToken)
    {
        if (status is not (null or "RUNNING" or "SCHEDULED" or "FINISHED" or "FAILED" or "KILLED"))
        {
            throw RegistryFault.WrongValue("status", status, "RUNNING, SCHEDULED, FINISHED, FAILED or KILLED");
        }

        return database.WriteAsync(connection =>
        {
            RunWrites.RequireActive(connection, runId);
            connection.Run(
                "UPDATE runs SET status = coalesce($status, status), end_time = coalesce($end, end_time), run_name = coalesce(nullif($name, ''), run_name) WHERE run_id = $id",
                ("$id", runId), ("$status", status), ("$end", endTime), ("$name", name));
            if (name is { Length: > 0 })
            {
                RunWrites.SetTags(connection, runId, [new KeyValue(NameTag, name)]);
            }

            return Find(connection, runId).Info;
        }, cancellationToken);
    }

    public Run Get(string runId) => database.Read(connection => Find(connection, runId));

    public RunsAnswer Search(IReadOnlyList<string> experimentIds, string stage, int max, string? token)
    {
        var ids = JsonSerializer.Serialize(experimentIds, RunJson.Default.IReadOnlyListString);
        var search = $"runs/{stage}/{ids}";
        var offset = PageToken.Offset(token, search);
        return database.Read(connection =>
        {
            var found = connection.All(
                $"""
                SELECT {Columns} FROM runs
                WHERE experiment_id IN (SELECT e.experiment_id FROM json_each($ids) j JOIN experiments e ON CAST(e.experiment_id AS TEXT) = j.value)
                    AND ($stage = 'all' OR lifecycle_stage = $stage)
                ORDER BY start_time DESC, run_id LIMIT $limit OFFSET $offset
                """,
                Info, ("$ids", ids), ("$stage", stage), ("$limit", max + 1), ("$offset", offset));
            var next = PageToken.Cut(found, max, offset, search);
            return new RunsAnswer(found.ConvertAll(info => WithData(connection, info)).OrNull(), next);
        });
    }

    public MetricsAnswer History(string runId, string key, int max, string? token)
    {
        var search = $"history/{runId}/{key}";
        var offset = PageToken.Offset(token, search);
        return database.Read(connection =>
        {
            Find(connection, runId);
            var found = connection.All(
                "SELECT key, value, is_nan, timestamp, step FROM metrics WHERE run_id = $id AND key = $key ORDER BY timestamp, step, value, is_nan LIMIT $limit OFFSET $offset",
                MetricRow, ("$id", runId), ("$key", key), ("$limit", max + 1), ("$offset", offset));
            var next = PageToken.Cut(found, max, offset, search);
            return new MetricsAnswer(found.OrNull(), next);
        });
    }

    private static Run Find(SqliteConnection connection, string runId) =>
        WithData(connection, connection.First($"SELECT {Columns} FROM runs WHERE run_id = $id", Info, ("$id", runId)) ?? throw RegistryFault.Unknown($"Run with id={runId} not found"));

    private static Run WithData(SqliteConnection connection, RunInfo info) => new(
        info,
        new RunData(
            connection.All("SELECT key, value, is_nan, timestamp, step FROM latest_metrics WHERE run_id = $id ORDER BY key", MetricRow, ("$id", info.RunId)).OrNull(),
            connection.All("SELECT key, value FROM params WHERE run_id = $id ORDER BY key", Tags.Row, ("$id", info.RunId)).OrNull(),
            connection.All("SELECT key, value FROM run_tags WHERE run_id = $id ORDER BY key", Tags.Row, ("$id", info.RunId)).OrNull()),
        new RunInputs(connection.All(
            "SELECT name, digest, source_type, source, schema, profile, tags FROM run_inputs WHERE run_id = $id ORDER BY name, digest",
            static r => new DatasetInput(
                JsonSerializer.Deserialize(r.GetString(6), RunJson.Default.ListKeyValue)!.OrNull(),
                new Dataset(r.GetString(0), r.GetString(1), r.GetString(2), r.GetString(3), r.TextOrNull(4), r.TextOrNull(5))),
            ("$id", info.RunId)).OrNull()));

    private static Metric MetricRow(SqliteDataReader reader) =>
        new(reader.GetString(0), reader.GetInt64(2) == 0 ? reader.GetDouble(1) : double.NaN, reader.GetInt64(3), reader.GetInt64(4));

    private static RunInfo Info(SqliteDataReader reader) => new(
        reader.GetString(0), reader.GetString(0), reader.GetString(1), reader.GetInt64(2).ToString(CultureInfo.InvariantCulture), reader.TextOrNull(3), reader.GetString(4),
        reader.GetInt64(5), reader.Int64OrNull(6), $"{reader.GetString(8)}/{reader.GetString(0)}/artifacts", reader.GetString(7));
}
