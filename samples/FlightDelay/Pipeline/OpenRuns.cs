using Mlp.Registry.Client;

namespace FlightDelay.Pipeline;

/// <summary>Runs end in the registry even where the program that started them does not live to say so.</summary>
internal static class OpenRuns
{
    /// <summary>
    /// Ends the runs that an earlier process left open, as killed. The workspace and its registry are this process's alone, so none of them
    /// is still at work.
    /// </summary>
    /// <returns>How many there were.</returns>
    public static async Task<int> KillStaleAsync(RegistryClient registry, CancellationToken cancellationToken)
    {
        var killed = 0;
        foreach (var stale in (await registry.ListRunsAsync(TrainingStep.ModelName, cancellationToken: cancellationToken)).Where(r => r.Status == RunStatus.Running))
        {
            var run = await registry.ContinueRunAsync(stale.Id, cancellationToken);
            await run.FinishAsync(RunStatus.Killed, cancellationToken);
            killed++;
        }

        return killed;
    }

    /// <summary>Ends a run whose work has failed or was stopped. What went wrong there is what has to be told, whatever the registry says.</summary>
    public static async Task EndAsync(RegistryRun run, RunStatus status)
    {
        try
        {
            await run.FinishAsync(status, CancellationToken.None);
        }
        catch (RegistryException)
        {
            // The run stays open, and the next start ends it.
        }
    }
}
