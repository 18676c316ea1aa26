using System.Diagnostics;
using System.Text;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>
/// Which events share entity and time with another: found once for files that overlap in time, and kept beside them, because finding them costs more
/// than a join. Files never change, so what was found stays true for as long as they are listed.
/// </summary>
internal sealed class TieIndex(DuckSession session, EventTables events, EventSource source, IReadOnlyList<string> keys)
{
    private const string FolderName = "ties";
    private const string Extension = ".ties";
    private const int TriesMax = 100;

    /// <summary>The tied events as a table with all columns and <c>_us</c>; null where there are none.</summary>
    public string? Table(CancellationToken cancellationToken)
    {
        // They have the definition's columns, so each definition has its own.
        var folder = Path.Combine(events.FolderOf(source), FolderName, ContentDigest.Of(Encoding.UTF8.GetBytes(string.Join('\n', keys.Append(SourceSchema.Of(source).Canonical))))[^16..]);
        Directory.CreateDirectory(folder);
        var clusters = Clusters(events.FilesOf(source)).Select(files => (Files: files, Path: Path.Combine(folder, NameOf(files)))).ToArray();
        var known = clusters.Select(c => events.TryHold(c.Path)).ToArray();
        var unknown = clusters.Where((_, i) => !known[i]).ToArray();
        if (unknown.Length > 0)
        {
            Find(unknown, cancellationToken);
        }

        var tied = clusters.Select(c => c.Path).Where(p => new FileInfo(p).Length > 0).ToArray();
        return tied.Length == 0 ? null : SourceTable.OfOwn(source, tied);
    }

    /// <summary>Removes what was found of files that are no longer listed, and that nobody holds.</summary>
    public static void RemoveStale(string sourceFolder, SourceManifest manifest)
    {
        var folder = Path.Combine(sourceFolder, FolderName);
        if (!Directory.Exists(folder))
        {
            return;
        }

        var valid = Clusters([.. manifest.Files]).Select(NameOf).ToHashSet(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(folder, $"*{Extension}", SearchOption.AllDirectories).Where(p => !valid.Contains(Path.GetFileName(p))).ToArray())
        {
            if (FileLease.TryOwn(path, FileMode.Open) is { } lease)
            {
                using (lease)
                {
                    lease.Delete();
                }
            }
        }
    }

    // Files that overlap in time, one after another; an event of one cluster is never at the time of another's.
    private static List<SourceFile[]> Clusters(IReadOnlyList<SourceFile> files)
    {
        var clusters = new List<SourceFile[]>();
        var cluster = new List<SourceFile>();
        var last = long.MinValue;
        foreach (var file in files.OrderBy(f => f.First).ThenBy(f => f.Path, StringComparer.Ordinal))
        {
            if (cluster.Count > 0 && file.First > last)
            {
                clusters.Add([.. cluster]);
                cluster.Clear();
            }

            cluster.Add(file);
            last = Math.Max(last, file.Last);
        }

        if (cluster.Count > 0)
        {
            clusters.Add([.. cluster]);
        }

        return clusters;
    }

    private static string NameOf(SourceFile[] files) =>
        $"{ContentDigest.Of(Encoding.UTF8.GetBytes(string.Join('\n', files.Select(f => f.Path))))[^64..]}{Extension}";

    private void Find((SourceFile[] Files, string Path)[] clusters, CancellationToken cancellationToken)
    {
        var table = events.TableOf(source, clusters.SelectMany(c => c.Files));
        session.Execute($"CREATE OR REPLACE TEMP TABLE tied AS {LatestSql.Tied(keys, table)}", cancellationToken);
        var any = session.Number("SELECT count(*) FROM tied", cancellationToken) > 0;
        var columns = SqlText.Names(source.Columns.ToArray().Select(c => c.Name).Prepend(source.TimeColumn));
        foreach (var (files, path) in clusters)
        {
            var where = FormattableString.Invariant($"_us BETWEEN {files[0].First} AND {files.Max(f => f.Last)}");
            var found = session.ScratchFile($"{OwnName.New()}{Extension}");
            if (any && session.Number($"SELECT count(*) FROM tied WHERE {where}", cancellationToken) > 0)
            {
                session.Execute($"COPY (SELECT {columns} FROM tied WHERE {where}) TO {SqlText.Literal(found)} (FORMAT parquet)", cancellationToken);
            }
            else
            {
                File.WriteAllBytes(found, []);
            }

            Place(found, path);
        }

        session.Execute("DROP TABLE tied", cancellationToken);
    }

    // Held before it has its name: nobody removes it. Another question may have found the same meanwhile; what it found is as good.
    private void Place(string found, string path)
    {
        for (var i = 0; i < TriesMax; i++)
        {
            if (events.TryHold(path))
            {
                return;
            }

            try
            {
                var isHeld = events.TryHold(found);
                Debug.Assert(isHeld, "nobody else knows its name");
                File.Move(found, path);
                return;
            }
            catch (IOException) when (File.Exists(path))
            {
                continue;
            }
        }

        throw new MlpException(FeatureErrors.StoreUnavailable, $"{path} was made and removed {TriesMax} times by others.");
    }
}
