using Microsoft.Data.Sqlite;

namespace Mlp.Registry.Server;

/// <summary>Registered models: names under which versions are kept.</summary>
internal sealed class ModelStore(RegistryDatabase database)
{
    public const string OwnOrder = "name ASC";

    private const string Columns = "name, creation_timestamp, last_updated_timestamp, description";

    public Task<RegisteredModel> CreateAsync(string name, string? description, IReadOnlyList<KeyValue> tags, CancellationToken cancellationToken) =>
        database.WriteAsync(connection =>
        {
            if (!TryCreate(connection, name, description, database.Now))
            {
                throw new RegistryFault(RegistryFault.AlreadyExists, $"Registered Model (name={name}) already exists.");
            }

            foreach (var tag in tags)
            {
                connection.Run("INSERT INTO model_tags VALUES ($name, $key, $value) ON CONFLICT DO UPDATE SET value = excluded.value", ("$name", name), ("$key", tag.Key), ("$value", tag.Value));
            }

            return Find(connection, name);
        }, cancellationToken);

    public RegisteredModel Get(string name) => database.Read(connection => Find(connection, name));

    public RegisteredModelsAnswer Search(string? name, int max, string? token)
    {
        var search = $"models/{name}";
        var offset = PageToken.Offset(token, search);
        return database.Read(connection =>
        {
            var found = connection.All(
                $"SELECT {Columns} FROM models WHERE $name IS NULL OR name = $name ORDER BY name LIMIT $limit OFFSET $offset",
                r => Row(connection, r), ("$name", name), ("$limit", max + 1), ("$offset", offset));
            var next = PageToken.Cut(found, max, offset, search);
            return new RegisteredModelsAnswer(found.OrNull(), next);
        });
    }

    public static bool TryCreate(SqliteConnection connection, string name, string? description, long now) =>
        connection.Run("INSERT INTO models VALUES ($name, $description, $now, $now, 0) ON CONFLICT DO NOTHING", ("$name", name), ("$description", description), ("$now", now)) == 1;

    public static void Require(SqliteConnection connection, string name)
    {
        if (connection.First("SELECT 1 FROM models WHERE name = $name", static r => r.GetInt64(0), ("$name", name)) == 0)
        {
            throw NotFound(name);
        }
    }

    private static RegisteredModel Find(SqliteConnection connection, string name) =>
        connection.First($"SELECT {Columns} FROM models WHERE name = $name", r => Row(connection, r), ("$name", name)) ?? throw NotFound(name);

    private static RegistryFault NotFound(string name) => RegistryFault.Unknown($"Registered Model with name={name} not found");

    private static RegisteredModel Row(SqliteConnection connection, SqliteDataReader reader)
    {
        var name = reader.GetString(0);
        var latest = connection.First("SELECT max(version) FROM versions WHERE name = $name", static r => r.Int64OrNull(0), ("$name", name));
        return new RegisteredModel(
            name, reader.GetInt64(1), reader.GetInt64(2), reader.TextOrNull(3),
            latest is { } version ? [VersionStore.Find(connection, name, version)] : null,
            connection.All("SELECT key, value FROM model_tags WHERE name = $name ORDER BY key", Tags.Row, ("$name", name)).OrNull(),
            connection.All("SELECT alias, version FROM aliases WHERE name = $name ORDER BY alias", static r => new ModelAlias(r.GetString(0), ModelNames.Text(r.GetInt64(1))), ("$name", name)).OrNull());
    }
}
