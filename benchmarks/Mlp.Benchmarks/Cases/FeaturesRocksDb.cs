using System.Buffers.Binary;
using RocksDbSharp;

namespace Mlp.Benchmarks;

/// <summary>The online store beside RocksDB.</summary>
internal sealed class FeaturesRocksDb : FeaturesBeside
{
    public override string Name => "features.rocksdb";

    public override string Settings => $"Mlp.Features' online store against RocksDB in process (blobs under 8-byte keys; optimised for point lookups with a block cache of 512 MB, 10 bits of bloom filter and hashed blocks, no compression, compacted whole, read into the caller's memory); one thread each, {FeatureRows.Data}";

    protected override RowStore Open(string folder) => new Rows(folder);

    private sealed class Rows : RowStore
    {
        private const int FillTogether = 1_000;
        private readonly RocksDb _store;

        public Rows(string folder)
        {
            var options = new DbOptions().SetCreateIfMissing(true).SetMaxOpenFiles(-1).SetCompression(Compression.No).OptimizeForPointLookup(512);
            _store = RocksDb.Open(options, folder);
        }

        public override string Name { get; } = $"RocksDB {PeerVersion.Of("RocksDB")}";

        public override void Fill(int entities)
        {
            for (var first = 0; first < entities; first += FillTogether)
            {
                using var batch = new WriteBatch();
                for (var id = first; id < Math.Min(first + FillTogether, entities); id++)
                {
                    batch.Put(KeyOf(id), RowOf(id));
                }

                _store.Write(batch, new WriteOptions().DisableWal(1));
            }

            _store.CompactRange((byte[]?)null, null);
        }

        public override bool Read(long id, Span<float> row)
        {
            Span<byte> key = stackalloc byte[sizeof(long)];
            Span<byte> value = stackalloc byte[RowBytes];
            BinaryPrimitives.WriteInt64LittleEndian(key, id);
            return _store.GetFixedSizeValue(key, value) && Copy(value, row);
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

        public override void Dispose() => _store.Dispose();
    }
}
