namespace Mlp.Kernels;

/// <summary>The one source of a kernel's choice.</summary>
public static class KernelChoice
{
    /// <summary>The environment variable that forces a kernel by name, for tests and for measuring.</summary>
    public const string EnvironmentVariable = "MLP_FORCE_KERNEL";

    /// <summary>The name that is forced, read once at start; null to let each family pick.</summary>
    public static string? Forced { get; } = Environment.GetEnvironmentVariable(EnvironmentVariable) is { Length: > 0 } name ? name : null;
}
