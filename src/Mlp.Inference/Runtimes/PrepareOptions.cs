namespace Mlp.Inference;

/// <summary>What a runtime may want to know when it prepares a model.</summary>
public sealed record PrepareOptions
{
    /// <summary>The largest batch that will be run.</summary>
    public int RowsMax { get; init; } = 64;

    /// <summary>Rows like those that will come, all inputs of a row one after another; empty to have some made up from the model.</summary>
    public ReadOnlyMemory<float> SampleRows { get; init; }

    /// <summary>Whether calls share runs: true where their rows are known to be independent of one another, false to run a call at a time; null to find it out by a trial.</summary>
    public bool? Batches { get; init; }

    /// <summary>Threads that all native sessions of the process share, see <see cref="ModelHostOptions.SharedThreads"/>.</summary>
    public int SharedThreads { get; init; }

    /// <summary>Ends the preparation early.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Checks the options.</summary>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(RowsMax);
        ArgumentOutOfRangeException.ThrowIfNegative(SharedThreads);
    }
}
