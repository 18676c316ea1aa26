using System.Globalization;
using Microsoft.Data.Sqlite;
using Mlp.Core;

namespace Mlp.Registry.Server;

/// <summary>The tables, and the steps from each version of them to the next.</summary>
internal static class Schema
{
    /// <summary>Step N brings a database of version N to version N + 1. Steps are only ever added.</summary>
    private static readonly string[] Steps = [First];

    /// <summary>Brings a database to this program's version, in one transaction.</summary>
    /// <exception cref="MlpException">The database was written by a newer program.</exception>
    public static void Migrate(SqliteConnection connection, string path, long now)
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        var version = connection.First("PRAGMA user_version", static r => r.GetInt64(0));
        if (version > Steps.Length)
        {
            throw new MlpException("registry.schema_newer", $"{path}: the database has version {version}, this program knows versions up to {Steps.Length}; start a newer program.");
        }

        for (var step = version; step < Steps.Length; step++)
        {
            connection.Run(Steps[step], ("$now", now));
        }

        connection.Run(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {Steps.Length}"));
        transaction.Commit();
    }

    private const string First = """
        CREATE TABLE experiments (
            experiment_id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            artifact_location TEXT NOT NULL,
            lifecycle_stage TEXT NOT NULL,
            creation_time INTEGER NOT NULL,
            last_update_time INTEGER NOT NULL);
        CREATE TABLE experiment_tags (
            experiment_id INTEGER NOT NULL REFERENCES experiments, key TEXT NOT NULL, value TEXT NOT NULL,
            PRIMARY KEY (experiment_id, key)) WITHOUT ROWID;

        CREATE TABLE runs (
            run_id TEXT PRIMARY KEY,
            experiment_id INTEGER NOT NULL REFERENCES experiments,
            run_name TEXT NOT NULL,
            user_id TEXT,
            status TEXT NOT NULL,
            start_time INTEGER NOT NULL,
            end_time INTEGER,
            lifecycle_stage TEXT NOT NULL) WITHOUT ROWID;
        CREATE INDEX runs_by_start ON runs (experiment_id, start_time DESC, run_id);
        CREATE TABLE params (
            run_id TEXT NOT NULL REFERENCES runs, key TEXT NOT NULL, value TEXT NOT NULL,
            PRIMARY KEY (run_id, key)) WITHOUT ROWID;
        CREATE TABLE run_tags (
            run_id TEXT NOT NULL REFERENCES runs, key TEXT NOT NULL, value TEXT NOT NULL,
            PRIMARY KEY (run_id, key)) WITHOUT ROWID;
        -- SQLite has no not-a-number: such a value is stored as 0 beside is_nan = 1.
        CREATE TABLE metrics (
            run_id TEXT NOT NULL REFERENCES runs, key TEXT NOT NULL, timestamp INTEGER NOT NULL, step INTEGER NOT NULL,
            value REAL NOT NULL, is_nan INTEGER NOT NULL,
            PRIMARY KEY (run_id, key, timestamp, step, value, is_nan)) WITHOUT ROWID;
        CREATE TABLE latest_metrics (
            run_id TEXT NOT NULL REFERENCES runs, key TEXT NOT NULL, timestamp INTEGER NOT NULL, step INTEGER NOT NULL,
            value REAL NOT NULL, is_nan INTEGER NOT NULL,
            PRIMARY KEY (run_id, key)) WITHOUT ROWID;
        CREATE TABLE run_inputs (
            run_id TEXT NOT NULL REFERENCES runs, name TEXT NOT NULL, digest TEXT NOT NULL,
            source_type TEXT NOT NULL, source TEXT NOT NULL, schema TEXT, profile TEXT, tags TEXT NOT NULL,
            PRIMARY KEY (run_id, name, digest)) WITHOUT ROWID;
        CREATE INDEX run_inputs_by_digest ON run_inputs (digest);

        CREATE TABLE packages (
            digest TEXT PRIMARY KEY, name TEXT NOT NULL, evaluation TEXT, created INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE package_files (
            package TEXT NOT NULL REFERENCES packages, path TEXT NOT NULL, blob TEXT NOT NULL, length INTEGER NOT NULL,
            PRIMARY KEY (package, path)) WITHOUT ROWID;
        CREATE INDEX package_files_by_blob ON package_files (blob);

        CREATE TABLE models (
            name TEXT PRIMARY KEY, description TEXT, creation_timestamp INTEGER NOT NULL, last_updated_timestamp INTEGER NOT NULL,
            last_version INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE model_tags (
            name TEXT NOT NULL REFERENCES models, key TEXT NOT NULL, value TEXT NOT NULL,
            PRIMARY KEY (name, key)) WITHOUT ROWID;
        CREATE TABLE versions (
            name TEXT NOT NULL REFERENCES models, version INTEGER NOT NULL, description TEXT, source TEXT NOT NULL,
            run_id TEXT, run_link TEXT, package TEXT REFERENCES packages,
            creation_timestamp INTEGER NOT NULL, last_updated_timestamp INTEGER NOT NULL,
            PRIMARY KEY (name, version)) WITHOUT ROWID;
        CREATE UNIQUE INDEX versions_by_package ON versions (name, package) WHERE package IS NOT NULL;
        CREATE INDEX versions_by_update ON versions (last_updated_timestamp DESC, name, version DESC);
        CREATE TABLE version_tags (
            name TEXT NOT NULL, version INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
            PRIMARY KEY (name, version, key), FOREIGN KEY (name, version) REFERENCES versions ON DELETE CASCADE) WITHOUT ROWID;
        CREATE TABLE aliases (
            name TEXT NOT NULL REFERENCES models, alias TEXT NOT NULL, version INTEGER NOT NULL,
            PRIMARY KEY (name, alias), FOREIGN KEY (name, version) REFERENCES versions) WITHOUT ROWID;
        -- Refers to nothing, so that it outlives what it tells of.
        CREATE TABLE alias_changes (
            id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, alias TEXT NOT NULL, version INTEGER,
            timestamp INTEGER NOT NULL, cause TEXT NOT NULL, rules TEXT);
        CREATE INDEX alias_changes_by_alias ON alias_changes (name, alias, id);

        INSERT INTO experiments VALUES (0, 'Default', 'mlflow-artifacts:/0', 'active', $now, $now);
        """;
}
