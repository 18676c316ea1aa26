using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Mlp.Registry.Server;

/// <summary>What a run logs: parameters that never change, tags that do, metrics with their history, and the data it read.</summary>
internal sealed class RunWrites(RegistryDatabase database)
{
    private const int MetricsMax = 1000;
    private const int ParametersMax = 100;
    private const int TagsMax = 100;
    private const int TogetherMax = 1000;
    private const int InputsMax = 1000;
    private const int ParameterLengthMax = 6000;

    public Task<Nothing> LogAsync(string runId, List<Metric> metrics, List<KeyValue> parameters, List<KeyValue> tags, CancellationToken cancellationToken)
    {
        RefuseMore("metrics", metrics.Count, MetricsMax);
        RefuseMore("params", parameters.Count, ParametersMax);
        RefuseMore("tags", tags.Count, TagsMax);
        RefuseMore("metrics, params, and tags", metrics.Count + parameters.Count + tags.Count, TogetherMax);
        return database.WriteAsync(connection =>
        {
            RequireActive(connection, runId);
            foreach (var parameter in parameters)
            {
                SetParameter(connection, runId, parameter);
            }

            foreach (var metric in metrics)
            {
                AddMetric(connection, runId, metric);
            }

            SetTags(connection, runId, tags);
            foreach (var tag in tags)
            {
                if (tag is { Key: RunStore.NameTag, Value.Length: > 0 })
                {
                    connection.Run("UPDATE runs SET run_name = $name WHERE run_id = $id", ("$id", runId), ("$name", tag.Value));
                }
            }

            return Nothing.More;
        }, cancellationToken);
    }

    public Task<Nothing> LogInputsAsync(string runId, List<DatasetInput> inputs, CancellationToken cancellationToken)
    {
        RefuseMore("datasets", inputs.Count, InputsMax);
        return database.WriteAsync(connection =>
        {
            RequireActive(connection, runId);
            foreach (var (tags, dataset) in inputs)
            {
                connection.Run(
                    "INSERT INTO run_inputs VALUES ($id, $name, $digest, $type, $source, $schema, $profile, $tags) ON CONFLICT DO NOTHING",
                    ("$id", runId), ("$name", dataset.Name), ("$digest", dataset.Digest), ("$type", dataset.SourceType), ("$source", dataset.Source),
                    ("$schema", dataset.Schema), ("$profile", dataset.Profile), ("$tags", JsonSerializer.Serialize([.. tags ?? []], RunJson.Default.ListKeyValue)));
            }

            return Nothing.More;
        }, cancellationToken);
    }

    public static void RequireActive(SqliteConnection connection, string runId)
    {
        var stage = connection.First("SELECT lifecycle_stage FROM runs WHERE run_id = $id", static r => r.GetString(0), ("$id", runId))
            ?? throw RegistryFault.Unknown($"Run with id={runId} not found");
        if (stage != "active")
        {
            throw RegistryFault.Invalid($"The run {runId} must be in the 'active' state. Current state is {stage}.");
        }
    }

    public static void SetTags(SqliteConnection connection, string runId, List<KeyValue> tags)
    {
        foreach (var tag in tags)
        {
            connection.Run("INSERT INTO run_tags VALUES ($id, $key, $value) ON CONFLICT DO UPDATE SET value = excluded.value", ("$id", runId), ("$key", tag.Key), ("$value", tag.Value));
        }
    }

    private static void SetParameter(SqliteConnection connection, string runId, KeyValue parameter)
    {
        // MLflow cuts a value that is too long, and its clients count on it.
        var value = parameter.Value.Length <= ParameterLengthMax ? parameter.Value : parameter.Value[..ParameterLengthMax];
        var stored = connection.First("SELECT value FROM params WHERE run_id = $id AND key = $key", static r => r.GetString(0), ("$id", runId), ("$key", parameter.Key));
        if (stored is null)
        {
            connection.Run("INSERT INTO params VALUES ($id, $key, $value)", ("$id", runId), ("$key", parameter.Key), ("$value", value));
        }
        else if (stored != value)
        {
            throw RegistryFault.Invalid($"Changing param values is not allowed. Param with key='{parameter.Key}' was already logged with value='{stored}' for run ID='{runId}'. Attempted logging new value '{value}'.");
        }
    }

    private static void AddMetric(SqliteConnection connection, string runId, Metric metric)
    {
        var (value, isNaN) = double.IsNaN(metric.Value) ? (0.0, 1) : (metric.Value, 0);

        // The same point again, as a client that retries sends it, changes nothing. The latest point is the one of the highest step, then time, then value.
        connection.Run("INSERT INTO metrics VALUES ($id, $key, $time, $step, $value, $nan) ON CONFLICT DO NOTHING",
            ("$id", runId), ("$key", metric.Key), ("$time", metric.Timestamp), ("$step", metric.Step), ("$value", value), ("$nan", isNaN));
        connection.Run(
            """
            INSERT INTO latest_metrics VALUES ($id, $key, $time, $step, $value, $nan)
            ON CONFLICT DO UPDATE SET timestamp = excluded.timestamp, step = excluded.step, value = excluded.value, is_nan = excluded.is_nan
            WHERE (excluded.step, excluded.timestamp, excluded.value) > (latest_metrics.step, latest_metrics.timestamp, latest_metrics.value)
            """,
            ("$id", runId), ("$key", metric.Key), ("$time", metric.Timestamp), ("$step", metric.Step), ("$value", value), ("$nan", isNaN));
    }

    private static void RefuseMore(string what, int count, int most)
    {
        if (count > most)
        {
            throw RegistryFault.Invalid($"A batch logging request can contain at most {most} {what}. Got {count} {what}. Please split up {what} across multiple requests and try again.");
        }
    }
}
