using Mlp.Core;

namespace Mlp.Registry.Client;

/// <summary>How a run ended, or that it has not.</summary>
public enum RunStatus
{
    /// <summary>It is not over.</summary>
    Running,

    /// <summary>It did what it should.</summary>
    Finished,

    /// <summary>It ended with an error.</summary>
    Failed,

    /// <summary>It was stopped.</summary>
    Killed,
}

/// <summary>A run as the registry has it.</summary>
/// <param name="Id">The run's identity.</param>
/// <param name="Name">Its name.</param>
/// <param name="Status">How it ended.</param>
/// <param name="StartedAt">When it started.</param>
/// <param name="EndedAt">When it ended; null while it runs.</param>
/// <param name="Parameters">Its parameters.</param>
/// <param name="Metrics">The latest value of each metric.</param>
/// <param name="Tags">Its tags.</param>
/// <param name="Data">The data that it read.</param>
public sealed record RunRecord(
    string Id, string Name, RunStatus Status, DateTimeOffset StartedAt, DateTimeOffset? EndedAt,
    IReadOnlyDictionary<string, string> Parameters, IReadOnlyDictionary<string, double> Metrics, IReadOnlyDictionary<string, string> Tags, IReadOnlyList<DataDigest> Data);
