namespace Mlp.Features;

/// <summary>How a source's files are parted by their events' times.</summary>
public enum DatePartition
{
    /// <summary>One file a batch.</summary>
    None,

    /// <summary>A folder <c>date=2001-01</c> for each month.</summary>
    Month,

    /// <summary>A folder <c>date=2001-01-31</c> for each day.</summary>
    Day,
}
