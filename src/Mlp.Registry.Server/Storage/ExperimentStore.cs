using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Mlp.Registry.Server;

/// <summary>Experiments: names under which runs are kept.</summary>
internal sealed class ExperimentStore(RegistryDatabase database)
{
    private const string Columns = "experiment_id, name, artifact_location, lifecycle_stage, last_update_time, creation_time";

    public const string OwnOrder = "creation_time DESC";

    public Task<string> CreateAsync(string name, string? artifactLocation, IReadOnlyList<KeyValue> tags, CancellationToken cancellationToken)
    {
        return database.WriteAsync(connection =>
        {
            if (connection.First("SELECT lifecycle_stage FROM experiments WHERE name = $name", static r => r.GetString(0), ("$name", name)) is { } stage)
            {
                throw new RegistryFault(RegistryFault.AlreadyExists, $"Experiment '{name}' already exists{(stage == "active" ? "" : " in deleted state")}.");
            }

            var id = connection.First(
                "INSERT INTO experiments (name, artifact_location, lifecycle_stage, creation_time, last_update_time) VALUES ($name, $location, 'active', $now, $now) RETURNING experiment_id",
                static r => r.GetInt64(0), ("$name", name), ("$location", artifactLocation ?? ""), ("$now", database.Now));
            if (string.IsNullOrEmpty(artifactLocation))
            {
                connection.Run("UPDATE experiments SET artifact_location = 'mlflow-artifacts:/' || experiment_id WHERE experiment_id = $id", ("$id", id));
            }

            foreach (var tag in tags)
            {
                connection.Run("INSERT INTO experiment_tags VALUES ($id, $key, $value) ON CONFLICT DO UPDATE SET value = excluded.value", ("$id", id), ("$key", tag.Key), ("$value", tag.Value));
            }

            return id.ToString(CultureInfo.InvariantCulture);
        }, cancellationToken);
    }

    public Experiment Get(string experimentId) => database.Read(connection => Find(connection, experimentId));

    public Experiment GetByName(string name) => database.Read(connection =>
        connection.First($"SELECT {Columns} FROM experiments WHERE name = $name", r => Row(connection, r), ("$name", name))
        ?? throw RegistryFault.Unknown($"Could not find experiment with name '{name}'"));

    public ExperimentsAnswer Search(string stage, int max, string? token)
    {
        var search = $"experiments/{stage}";
        var offset = PageToken.Offset(token, search);
        return database.Read(connection =>
        {
            var found = connection.All(
                $"SELECT {Columns} FROM experiments WHERE $stage = 'all' OR lifecycle_stage = $stage ORDER BY creation_time DESC, experiment_id LIMIT $limit OFFSET $offset",
                r => Row(connection, r), ("$stage", stage), ("$limit", max + 1), ("$offset", offset));
            var next = PageToken.Cut(found, max, offset, search);
            return new ExperimentsAnswer(found.OrNull(), next);
        });
    }

    /// <summary>The experiment of an identity from outside.</summary>
    public static Experiment Find(SqliteConnection connection, string experimentId) =>
        (long.TryParse(experimentId, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? connection.First($"SELECT {Columns} FROM experiments WHERE experiment_id = $id", r => Row(connection, r), ("$id", id))
            : null)
        ?? throw RegistryFault.Unknown($"No Experiment with id={experimentId} exists");

    private static Experiment Row(SqliteConnection connection, SqliteDataReader reader)
    {
        var id = reader.GetInt64(0);
        return new Experiment(
            id.ToString(CultureInfo.InvariantCulture), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetInt64(4), reader.GetInt64(5),
            connection.All("SELECT key, value FROM experiment_tags WHERE experiment_id = $id ORDER BY key", Tags.Row, ("$id", id)).OrNull());
    }
}
