namespace Mlp.AspNetCore;

/// <summary>Bounds of the Open Inference Protocol's routes.</summary>
public sealed record OpenInferenceOptions
{
    /// <summary>Largest body of an inference request, in bytes.</summary>
    public int BodyBytesMax { get; init; } = 16 << 20;

    /// <summary>Most rows of one request.</summary>
    public int RowsMax { get; init; } = 4096;

    /// <summary>The server's name in its metadata.</summary>
    public string ServerName { get; init; } = "mlp";

    /// <summary>Checks the options.</summary>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(BodyBytesMax);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(RowsMax);
        ArgumentException.ThrowIfNullOrEmpty(ServerName);
    }
}
