using Microsoft.Data.Sqlite;

namespace Mlp.Registry.Server;

/// <summary>Versions of models. A number is given once, also when its version is deleted.</summary>
internal sealed class VersionStore(RegistryDatabase database)
{
    public const string OwnOrder = "last_updated_timestamp DESC";

    private const string Columns = "name, version, creation_timestamp, last_updated_timestamp, description, source, run_id, run_link, package";

    public Task<ModelVersion> CreateAsync(string name, string source, string? runId, string? runLink, string? description, List<KeyValue> tags, CancellationToken cancellationToken)
    {
        RefusePackageTag(tags);
        return database.WriteAsync(connection =>
        {
            ModelStore.Require(connection, name);
            return Add(connection, name, source, package: null, runId, runLink, description, tags);
        }, cancellationToken);
    }

    /// <summary>The version of a package: the one it has, or a new one. A model that does not exist is created.</summary>
    public Task<ModelVersion> PublishAsync(string package, string? runId, string? description, List<KeyValue> tags, CancellationToken cancellationToken)
    {
        RefusePackageTag(tags);
        return database.WriteAsync(connection =>
        {
            var name = connection.First("SELECT name FROM packages WHERE digest = $digest", static r => r.GetString(0), ("$digest", package))
                ?? throw RegistryFault.Unknown($"No package {package} was uploaded.");
            if (runId is { Length: > 0 })
            {
                RunWrites.RequireActive(connection, runId);
            }

            ModelStore.TryCreate(connection, name, description: null, database.Now);
            var version = connection.First("SELECT version FROM versions WHERE name = $name AND package = $package", static r => r.GetInt64(0), ("$name", name), ("$package", package));
            return version > 0 ? Find(connection, name, version) : Add(connection, name, "mlp:/packages/" + package, package, runId, runLink: null, description, tags);
        }, cancellationToken);
    }

    public Task<Nothing> DeleteAsync(string name, long version, CancellationToken cancellationToken) => database.WriteAsync(connection =>
    {
        Find(connection, name, version);
        foreach (var alias in connection.All("SELECT alias FROM aliases WHERE name = $name AND version = $version", static r => r.GetString(0), ("$name", name), ("$version", version)))
        {
            AliasStore.Move(connection, name, alias, version: null, "version_deleted", rules: null, database.Now);
        }

        connection.Run("DELETE FROM versions WHERE name = $name AND version = $version", ("$name", name), ("$version", version));
        return Nothing.More;
    }, cancellationToken);

    public ModelVersion Get(string name, long version) => database.Read(connection => Find(connection, name, version));

    public ModelVersionsAnswer Search(string? name, int max, string? token)
    {
        var search = $"versions/{name}";
        var offset = PageToken.Offset(token, search);
        return database.Read(connection =>
        {
            var found = connection.All(
                $"SELECT {Columns} FROM versions WHERE $name IS NULL OR name = $name ORDER BY last_updated_timestamp DESC, name, version DESC LIMIT $limit OFFSET $offset",
                r => Row(connection, r), ("$name", name), ("$limit", max + 1), ("$offset", offset));
            var next = PageToken.Cut(found, max, offset, search);
            return new ModelVersionsAnswer(found.OrNull(), next);
        });
    }

    public static ModelVersion Find(SqliteConnection connection, string name, long version) =>
        connection.First($"SELECT {Columns} FROM versions WHERE name = $name AND version = $version", r => Row(connection, r), ("$name", name), ("$version", version))
        ?? throw RegistryFault.Unknown($"Model Version (name={name}, version={version}) not found");

    private ModelVersion Add(
        SqliteConnection connection, string name, string source, string? package, string? runId, string? runLink, string? description, List<KeyValue> tags)
    {
        var version = connection.First(
            "UPDATE models SET last_version = last_version + 1, last_updated_timestamp = $now WHERE name = $name RETURNING last_version",
            static r => r.GetInt64(0), ("$name", name), ("$now", database.Now));
        connection.Run(
            "INSERT INTO versions VALUES ($name, $version, $description, $source, $run, $link, $package, $now, $now)",
            ("$name", name), ("$version", version), ("$description", description), ("$source", source), ("$run", runId), ("$link", runLink), ("$package", package), ("$now", database.Now));
        foreach (var tag in tags)
        {
            connection.Run("INSERT INTO version_tags VALUES ($name, $version, $key, $value) ON CONFLICT DO UPDATE SET value = excluded.value", ("$name", name), ("$version", version), ("$key", tag.Key), ("$value", tag.Value));
        }

        return Find(connection, name, version);
    }

    private static ModelVersion Row(SqliteConnection connection, SqliteDataReader reader)
    {
        var (name, version) = (reader.GetString(0), reader.GetInt64(1));
        var tags = connection.All("SELECT key, value FROM version_tags WHERE name = $name AND version = $version ORDER BY key", Tags.Row, ("$name", name), ("$version", version));
        if (reader.TextOrNull(8) is { } package)
        {
            tags.Add(new KeyValue(ModelVersion.PackageTag, package));
        }

        return new ModelVersion(
            name, ModelNames.Text(version), reader.GetInt64(2), reader.GetInt64(3), "None", reader.TextOrNull(4), reader.GetString(5), reader.TextOrNull(6), "READY",
            tags.OrNull(), reader.TextOrNull(7),
            connection.All("SELECT alias FROM aliases WHERE name = $name AND version = $version ORDER BY alias", static r => r.GetString(0), ("$name", name), ("$version", version)).OrNull());
    }

    private static void RefusePackageTag(List<KeyValue> tags)
    {
        if (tags.Exists(static t => t.Key == ModelVersion.PackageTag))
        {
            throw RegistryFault.WrongValue("tags", ModelVersion.PackageTag, "another key: this one is set by publishing a package");
        }
    }
}
