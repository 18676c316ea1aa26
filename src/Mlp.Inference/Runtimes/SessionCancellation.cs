namespace Mlp.Inference;

/// <summary>Runs at load, which a token ends.</summary>
internal static class SessionCancellation
{
    /// <summary>Runs a session; the token cancels the run.</summary>
    /// <exception cref="OperationCanceledException">It did.</exception>
    public static void Run(this IModelSession session, ModelMemory memory, int rows, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var registration = cancellationToken.UnsafeRegister(static state => ((IModelSession)state!).Cancel(), session);
        try
        {
            session.Run(memory, rows);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        finally
        {
            // Waits for a cancellation that is under way. One that came too late for this run is not to meet the next.
            registration.Dispose();
            session.Reset();
        }

        cancellationToken.ThrowIfCancellationRequested();
    }
}
