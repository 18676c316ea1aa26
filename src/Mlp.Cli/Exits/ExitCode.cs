namespace Mlp.Cli.Exits;

/// <summary>What the command answers to whoever called it.</summary>
internal static class ExitCode
{
    /// <summary>Everything was as asked for.</summary>
    public const int Done = 0;

    /// <summary>What was asked for cannot be had: the message says why.</summary>
    public const int Failed = 1;

    /// <summary>The command line is not one.</summary>
    public const int Usage = 2;
}
