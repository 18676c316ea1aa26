using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Mlp.Registry.Server;

/// <summary>Aliases, and every change of them for ever.</summary>
internal sealed class AliasStore(RegistryDatabase database)
{
    public Task<Nothing> SetAsync(string name, string alias, long version, CancellationToken cancellationToken) => database.WriteAsync(connection =>
    {
        VersionStore.Find(connection, name, version);
        Move(connection, name, alias, version, "set", rules: null, database.Now);
        return Nothing.More;
    }, cancellationToken);

    /// <summary>Deletes an alias; one that does not exist is deleted already.</summary>
    public Task<Nothing> DeleteAsync(string name, string alias, CancellationToken cancellationToken) => database.WriteAsync(connection =>
    {
        ModelStore.Require(connection, name);
        Move(connection, name, alias, version: null, "deleted", rules: null, database.Now);
        return Nothing.More;
    }, cancellationToken);

    public ModelVersion Get(string name, string alias) => database.Read(connection =>
    {
        ModelStore.Require(connection, name);

        // MLflow answers a missing alias as a wrong parameter, not as a missing resource.
        return Holder(connection, name, alias) is { } version
            ? VersionStore.Find(connection, name, version)
            : throw RegistryFault.Invalid($"Registered model alias {alias} not found.");
    });

    /// <summary>All changes of an alias, the latest first.</summary>
    public AliasHistoryAnswer History(string name, string alias, int max, string? token)
    {
        var search = $"aliases/{name}/{alias}";
        var offset = PageToken.Offset(token, search);
        return database.Read(connection =>
        {
            var found = connection.All(
                "SELECT version, timestamp, cause, rules FROM alias_changes WHERE name = $name AND alias = $alias ORDER BY id DESC LIMIT $limit OFFSET $offset",
                static r => new AliasChange(
                    r.Int64OrNull(0) is { } version ? ModelNames.Text(version) : null, r.GetInt64(1), r.GetString(2),
                    r.TextOrNull(3) is { } rules ? JsonSerializer.Deserialize(rules, RegistryJson.Default.IReadOnlyListRuleOutcome) : null),
                ("$name", name), ("$alias", alias), ("$limit", max + 1), ("$offset", offset));
            var next = PageToken.Cut(found, max, offset, search);
            return new AliasHistoryAnswer(found.OrNull(), next);
        });
    }

    /// <summary>The version that an alias stood for at a time.</summary>
    public AliasAtAnswer At(string name, string alias, long timestamp) => database.Read(connection => connection.First(
        "SELECT version, timestamp FROM alias_changes WHERE name = $name AND alias = $alias AND timestamp <= $time ORDER BY id DESC LIMIT 1",
        static r => new AliasAtAnswer(r.Int64OrNull(0) is { } version ? ModelNames.Text(version) : null, r.GetInt64(1)),
        ("$name", name), ("$alias", alias), ("$time", timestamp)) ?? new AliasAtAnswer(null, null));

    public static long? Holder(SqliteConnection connection, string name, string alias) =>
        connection.First("SELECT version FROM aliases WHERE name = $name AND alias = $alias", static r => r.Int64OrNull(0), ("$name", name), ("$alias", alias));

    /// <summary>Moves an alias and keeps the change; a move to where it stands is no change.</summary>
    public static void Move(SqliteConnection connection, string name, string alias, long? version, string cause, IReadOnlyList<RuleOutcome>? rules, long now)
    {
        if (Holder(connection, name, alias) == version)
        {
            return;
        }

        connection.Run(
            version is null
                ? "DELETE FROM aliases WHERE name = $name AND alias = $alias"
                : "INSERT INTO aliases VALUES ($name, $alias, $version) ON CONFLICT DO UPDATE SET version = excluded.version",
            ("$name", name), ("$alias", alias), ("$version", version));

        // A clock that was set back must not reorder the past: a change is never earlier than the one before.
        connection.Run(
            """
            INSERT INTO alias_changes (name, alias, version, timestamp, cause, rules)
            VALUES ($name, $alias, $version, max($now, coalesce((SELECT max(timestamp) FROM alias_changes WHERE name = $name AND alias = $alias), $now)), $cause, $rules)
            """,
            ("$name", name), ("$alias", alias), ("$version", version), ("$now", now), ("$cause", cause),
            ("$rules", rules is null ? null : JsonSerializer.Serialize(rules, RegistryJson.Default.IReadOnlyListRuleOutcome)));
    }
}
