namespace Mlp.Inference;

/// <summary>How a model is hosted.</summary>
public sealed record HostedModelOptions
{
    /// <summary>The name it is found by; null for the package's.</summary>
    public string? Name { get; init; }

    /// <summary>The version's name, such as the registry's number; null for the first 12 digits of the package's digest.</summary>
    public string? Version { get; init; }

    /// <summary>What runs the model.</summary>
    public IModelRuntime Runtime { get; init; } = RuntimeChoice.Auto;

    /// <summary>How requests become batches.</summary>
    public BatchingOptions Batching { get; init; } = new();

    /// <summary>The float32 output that predictions answer with; null for the first one.</summary>
    public string? Output { get; init; }

    /// <summary>
    /// For inputs with dimensions that each call may choose (an image's height and width, a text's length): the dimensions behind the first
    /// one, by input. With them requests share batches; without them a run answers one call.
    /// </summary>
    public IReadOnlyDictionary<string, int[]> RowShapes { get; init; } = new Dictionary<string, int[]>();

    /// <summary>
    /// Whether calls share runs. Null, the default, lets a trial at load find out whether a row's answer depends on the rows beside it; false
    /// runs a call at a time; true says that rows are independent, for a model whose answers differ a little, or at random, by themselves.
    /// </summary>
    public bool? Batches { get; init; }

    /// <summary>For inputs with one dimension whose length each call chooses: batches by length. Null to run such calls alone.</summary>
    public LengthBuckets? Buckets { get; init; }

    /// <summary>Rows like those that will come, on which runtimes are compared; empty to have some made up from the model.</summary>
    public ReadOnlyMemory<float> SampleRows { get; init; }

    /// <summary>How long preparing and warming a version may take, the wait for memory included. After that, and when the load's token says so, what is under way is ended where the runtime can end it.</summary>
    public TimeSpan LoadTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Checks the options.</summary>
    public void Validate()
    {
        RequireText(Name, nameof(Name));
        RequireText(Version, nameof(Version));
        ArgumentNullException.ThrowIfNull(Runtime);
        ArgumentNullException.ThrowIfNull(RowShapes);
        ArgumentNullException.ThrowIfNull(Batching);
        Batching.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(LoadTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(LoadTimeout, TimeSpan.FromDays(1));
        Buckets?.Validate();
        if (Buckets is not null && Batches == false)
        {
            throw new ArgumentException("Buckets are batches, and Batches is false.", nameof(Batches));
        }
    }

    private static void RequireText(string? text, string name)
    {
        if (text is not null)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(text, name);
        }
    }
}
