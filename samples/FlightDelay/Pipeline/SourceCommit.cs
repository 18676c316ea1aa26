using System.Reflection;

namespace FlightDelay.Pipeline;

/// <summary>The commit that this program was built from, as the SDK writes it into the version; empty outside a repository.</summary>
internal static class SourceCommit
{
    public static string Current { get; } =
        typeof(SourceCommit).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+') is [_, var commit] ? commit : "";
}
