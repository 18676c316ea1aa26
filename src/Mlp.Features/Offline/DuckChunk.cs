using DuckDB.NET.Native;

namespace Mlp.Features;

/// <summary>Some rows of a result, column by column.</summary>
internal sealed class DuckChunk(DuckDBDataChunk chunk) : IDisposable
{
    public int Count { get; } = (int)NativeMethods.DataChunks.DuckDBDataChunkGetSize(chunk);

    public DuckVector this[int column] => new(NativeMethods.DataChunks.DuckDBDataChunkGetVector(chunk, column));

    public void Dispose() => chunk.Dispose();
}
