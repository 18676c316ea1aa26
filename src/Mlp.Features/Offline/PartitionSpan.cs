using System.Globalization;
using System.Text.RegularExpressions;

namespace Mlp.Features;

/// <summary>The events of one partition: its folder, and which times belong to it.</summary>
/// <param name="Folder">The folder's name below the source's; empty where nothing is parted.</param>
/// <param name="From">Microseconds, inclusive.</param>
/// <param name="Until">Microseconds, exclusive.</param>
internal readonly partial record struct PartitionSpan(string Folder, long From, long Until)
{
    /// <summary>The partition that a moment belongs to.</summary>
    public static PartitionSpan Of(DatePartition partition, long micros)
    {
        if (partition == DatePartition.None)
        {
            return new PartitionSpan("", long.MinValue, long.MaxValue);
        }

        var day = FeatureTime.FromMicros(micros).Date;
        var isDay = partition == DatePartition.Day;
        var first = isDay ? day : day.AddDays(1 - day.Day);
        var name = first.ToString(isDay ? "yyyy-MM-dd" : "yyyy-MM", CultureInfo.InvariantCulture);
        var last = isDay ? first : first.AddDays(DateTime.DaysInMonth(first.Year, first.Month) - 1);
        return new PartitionSpan($"date={name}", FeatureTime.Micros(first), FeatureTime.Micros(last) + (TimeSpan.TicksPerDay / TimeSpan.TicksPerMicrosecond));
    }

    /// <summary>Whether a listed file's path is one that a store gives: a partition's folder or none, and a name of its own.</summary>
    public static bool IsFile(string path) => FilePath().IsMatch(path);

    [GeneratedRegex("^(date=[0-9]{4}-[0-9]{2}(-[0-9]{2})?/)?[0-9a-f]{32}\\.parquet$", RegexOptions.CultureInvariant)]
    private static partial Regex FilePath();
}
