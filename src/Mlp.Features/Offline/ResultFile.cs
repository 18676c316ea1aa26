using Mlp.Core;

namespace Mlp.Features;

/// <summary>A result's Parquet file, which appears as a whole or not at all.</summary>
internal static class ResultFile
{
    /// <summary>Writes a query's result; what has the path is replaced.</summary>
    public static long Write(DuckSession session, string select, string path, CancellationToken cancellationToken)
    {
        // Beside its place, so that the last step is a rename.
        var written = $"{path}.{OwnName.New()}.tmp";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            session.Execute($"COPY ({select}) TO {SqlText.Literal(written)} (FORMAT parquet, COMPRESSION zstd)", cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            var rows = session.Number($"SELECT CAST(coalesce(sum(num_rows), 0) AS BIGINT) FROM parquet_file_metadata({SqlText.Literal(written)})", cancellationToken);
            File.Move(written, path, overwrite: true);
            return rows;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MlpException(FeatureErrors.StoreUnavailable, $"{path} cannot be written: {e.Message}", e);
        }
        finally
        {
            // Where there is no folder, deleting would say so in the error's stead.
            if (File.Exists(written))
            {
                File.Delete(written);
            }
        }
    }
}
