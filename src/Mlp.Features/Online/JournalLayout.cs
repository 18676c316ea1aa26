using System.Globalization;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>Where a journal lies in a store's folder, and how its addresses become files.</summary>
/// <param name="Store">The store's folder.</param>
/// <param name="PageBytes">One page: an entry lies in one.</param>
internal sealed record JournalLayout(string Store, long PageBytes)
{
    /// <summary>Pages in memory: those that are written to disk and those that are filled meanwhile.</summary>
    public const int MemoryPages = 4;

    /// <summary>Pages of a file.</summary>
    public const int FilePages = 16;

    /// <summary>Where the first entry of a journal begins.</summary>
    public const long FirstAddress = 64;

    /// <summary>Bytes before an entry in the journal: its length.</summary>
    public const int LengthBytes = sizeof(int);

    private const string Prefix = "journal.log";

    public string Folder => Path.Combine(Store, "journal");

    public string LogName => Path.Combine(Folder, Prefix);

    public string CommitsName => Path.Combine(Folder, "commits");

    public string HeaderName => Path.Combine(Folder, "journal.json");

    public long FileBytes => PageBytes * FilePages;

    /// <summary>Bytes of the largest entry.</summary>
    public int EntryBytesMax => (int)PageBytes - LengthBytes - (int)FirstAddress;

    public string FileOf(long address) => $"{LogName}.{(address / FileBytes).ToString(CultureInfo.InvariantCulture)}";

    public long OffsetOf(long address) => address % FileBytes;

    /// <summary>Bytes that an entry takes.</summary>
    public static int BytesOf(int entryBytes) => LengthBytes + ((entryBytes + 3) & ~3);

    /// <summary>Whether the folder has any of a journal's files.</summary>
    public bool HasFiles() => Directory.Exists(Folder) && Directory.EnumerateFiles(Folder, Prefix + ".*").Any();

    /// <summary>Removes what lies behind the journal's end: it was acknowledged to no one, and new entries come in its place.</summary>
    public void CutAt(long end)
    {
        var last = end / FileBytes;
        foreach (var file in Directory.EnumerateFiles(Folder, Prefix + ".*"))
        {
            if (long.TryParse(Path.GetExtension(file).AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > last)
            {
                File.Delete(file);
            }
        }

        if (File.Exists(FileOf(end)))
        {
            using var file = new FileStream(FileOf(end), FileMode.Open, FileAccess.Write, FileShare.Read);
            if (file.Length > OffsetOf(end))
            {
                file.SetLength(OffsetOf(end));
            }

            // The engine reads whole sectors.
            file.SetLength((OffsetOf(end) + SectorBytes - 1) & -SectorBytes);
            file.Flush(flushToDisk: true);
        }
    }

    public MlpException Damaged(string file, long offset, string what) => new(
        FeatureErrors.StoreDamaged,
        $"{file} is damaged at the byte {offset}: {what}. Put the file back from a copy, or remove the folder {Store} and materialise again; what was pushed since the last checkpoint is then lost.");

    private const long SectorBytes = 512;
}
