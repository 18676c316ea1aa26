using Mlp.Core;

namespace Mlp.Inference;

/// <summary>All that a batcher takes at load: the batches' memory and the instances' sessions, warmed; and lets go of in one go.</summary>
internal sealed class BatchMemory : IDisposable
{
    private readonly IPreparedModel _model;
    private readonly IDisposable _alsoReleased;
    private readonly ModelMemory?[] _memories;
    private readonly IModelSession?[] _sessions;

    public BatchMemory(IPreparedModel model, BatchingOptions options, BatchRules rules, string name, IDisposable alsoReleased, CancellationToken cancellationToken)
    {
        _model = model;
        _alsoReleased = alsoReleased;
        _memories = new ModelMemory?[rules.Batches];
        _sessions = new IModelSession?[options.InstanceCount];
        try
        {
            for (var i = 0; i < _memories.Length; i++)
            {
                _memories[i] = model.CreateMemory(options.BatchRowsMax);
            }

            for (var i = 0; i < _sessions.Length; i++)
            {
                _sessions[i] = model.CreateSession(options.BatchRowsMax);

                // The first run of a size is slow in many runtimes, and no caller is to meet it; what the model shares is warm after one session.
                // A whole call has no rows of zeros to be warmed with.
                foreach (var rows in !model.Layout.IsBatched ? [] : i == 0 ? model.BatchSizes(options.BatchRowsMax) : [1])
                {
                    _sessions[i]!.Run(_memories[0]!, rows, cancellationToken);
                }
            }

            if (options is { PreferredBatchRows: null } && rules.DelayTicks == 0 && model.Layout.IsBatched)
            {
                var (session, memory) = (_sessions[0]!, _memories[0]!);
                rules.Prefer(BestSizes.Measure(rows => session.Run(memory, rows, cancellationToken), model.BatchSizes(options.BatchRowsMax), TimeProvider.System));
            }
        }
        catch (Exception e)
        {
            Dispose();
            throw e is MlpException or OperationCanceledException ? e : new MlpException(InferenceErrors.ExecutionFailed, $"The model '{name}' failed while it was warmed up: {e.Message}", e);
        }
    }

    public IModelSession Session(int instance) => _sessions[instance]!;

    public Batch[] Batches()
    {
        var batches = new Batch[_memories.Length];
        for (var i = 0; i < batches.Length; i++)
        {
            batches[i] = new Batch(_memories[i]!);
        }

        return batches;
    }

    public void Dispose()
    {
        _alsoReleased.Dispose();
        foreach (var session in _sessions)
        {
            session?.Dispose();
        }

        foreach (var memory in _memories)
        {
            memory?.Dispose();
        }

        _model.Dispose();
    }
}
