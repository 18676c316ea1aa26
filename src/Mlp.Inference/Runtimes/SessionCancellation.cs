namespace Mlp.Inference;

/// <summary>Runs at load, which a token ends.</summary>
internal static class SessionCancellation
{
    /// <summary>Runs a session; the token cancels the run.</summary>
    /// <exception cref="OperationCanceledException">It did.</exception>
    public static void Run(this IModelSession session, ModelMemory memory, int rows, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var registration = cancellationToken.UnsafeRegister(static state => ((IModelSession)state!).Cancel(), session);
        try
        {
            session.Run(memory, rows);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }
}
