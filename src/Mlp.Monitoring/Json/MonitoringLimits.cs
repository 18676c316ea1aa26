namespace Mlp.Monitoring;

/// <summary>What a reader of evaluation reports and profiles accepts. A file beyond a limit is refused.</summary>
public sealed record MonitoringLimits
{
    /// <summary>The limits that serve almost everybody.</summary>
    public static MonitoringLimits Default { get; } = new();

    /// <summary>Largest file in bytes.</summary>
    public int FileBytesMax { get; init; } = 64 << 20;

    /// <summary>Most entries in any list or map of the file (metrics, slices, columns, values of a sketch's level).</summary>
    public int ListEntriesMax { get; init; } = 65_536;

    /// <summary>Checks that every limit is positive.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is not.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(FileBytesMax);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ListEntriesMax);
    }
}
