using Microsoft.Data.Sqlite;

namespace Mlp.Benchmarks;

/// <summary>The online store beside SQLite.</summary>
internal sealed class FeaturesSqlite : FeaturesBeside
{
    public override string Name => "features.sqlite";

    public override string Settings => $"Mlp.Features' online store against SQLite in process (blobs under integer primary keys, a prepared statement, one open read transaction, locking_mode EXCLUSIVE, synchronous OFF, cache of 512 MB, mmap); one thread each, {FeatureRows.Data}";

    protected override RowStore Open(string folder) => new Rows(folder);

    private sealed class Rows : RowStore
    {
        private readonly SqliteConnection _connection;
        private SqliteCommand? _select;
        private SqliteTransaction? _transaction;

        public Rows(string folder)
        {
            _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, "rows.db"), Pooling = false }.ToString());
            _connection.Open();
            Execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -500000; PRAGMA mmap_size = 1073741824; PRAGMA temp_store = MEMORY");
            Execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, row BLOB NOT NULL)");
            Name = $"SQLite {_connection.ServerVersion}";
        }

        public override string Name { get; }

        public override void Fill(int entities)
        {
            using (var transaction = _connection.BeginTransaction())
            {
                using var insert = _connection.CreateCommand();
                insert.Transaction = transaction;
                insert.CommandText = "INSERT INTO rows VALUES ($id, $row)";
                var id = insert.Parameters.Add("$id", SqliteType.Integer);
                var row = insert.Parameters.Add("$row", SqliteType.Blob);
                insert.Prepare();
                for (long n = 0; n < entities; n++)
                {
                    id.Value = n;
                    row.Value = RowOf(n);
                    insert.ExecuteNonQuery();
                }

                transaction.Commit();
            }

            _transaction = _connection.BeginTransaction(deferred: true);
            _select = _connection.CreateCommand();
            _select.Transaction = _transaction;
            _select.CommandText = "SELECT row FROM rows WHERE id = $id";
            _select.Parameters.Add("$id", SqliteType.Integer);
            _select.Prepare();
        }

        public override bool Read(long id, Span<float> row)
        {
            _select!.Parameters[0].Value = id;
            using var reader = _select.ExecuteReader();
            return reader.Read() && Copy(reader.GetFieldValue<byte[]>(0), row);
        }

        public override bool ReadMany(ReadOnlySpan<long> ids, Span<float> rows)
        {
            for (var i = 0; i < ids.Length; i++)
            {
                if (!Read(ids[i], rows.Slice(i * FeatureRows.Width, FeatureRows.Width)))
                {
                    return false;
                }
            }

            return true;
        }

        public override void Dispose()
        {
            _select?.Dispose();
            _transaction?.Dispose();
            _connection.Dispose();
        }

        private void Execute(string sql)
        {
            using var command = _connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }
    }
}
