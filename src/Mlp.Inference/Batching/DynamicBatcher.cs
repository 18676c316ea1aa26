using Mlp.Core;

namespace Mlp.Inference;

/// <summary>
/// Makes batches of single requests. A caller writes its row straight into the memory that the runtime reads; an idle instance takes
/// at once what is there, so a lone request never waits; while all instances are busy the next batches grow. Nothing is allocated
/// for a prediction in the steady state. Safe for all threads.
/// </summary>
/// <remarks>
/// The code after an <c>await</c> of a prediction runs on the thread that ran the batch as long as such code is short; when it holds
/// the thread, another one goes on with the other callers' answers.
/// </remarks>
public sealed class DynamicBatcher : IAsyncDisposable
{
    private readonly BatchScheduler _scheduler;
    private readonly BulkWorkers _bulk;
    private readonly string _name;

    /// <summary>Takes the memory and sessions, and runs every batch size once.</summary>
    /// <param name="model">The model, disposed with the batcher.</param>
    /// <param name="options">Sizes and bounds; null for the defaults.</param>
    /// <param name="metrics">Where to count; null for a model without a name.</param>
    /// <param name="time">The clock of deadlines and measurements.</param>
    /// <param name="cancellationToken">Ends the warming early, where the runtime can end a run; the model is then disposed.</param>
    /// <exception cref="MlpException"><see cref="InferenceErrors.ExecutionFailed"/>: the model fails already on rows of zeros.</exception>
    public DynamicBatcher(IPreparedModel model, BatchingOptions? options = null, ModelMetrics? metrics = null, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new BatchingOptions();
        options.Validate();
        MemoryBytes = options.MemoryBytes(model.Layout);
        options = options.For(model.Layout);
        metrics ??= new ModelMetrics("model", "");
        _name = metrics.Model;
        Layout = model.Layout;
        _bulk = new BulkWorkers(model, options.BulkRowsMax, options.InstanceCount);
        _scheduler = new BatchScheduler(model, options, metrics, time ?? TimeProvider.System, _bulk, cancellationToken);
    }

    /// <summary>What the buffers of all batches take; strings are not counted.</summary>
    public long MemoryBytes { get; }

    /// <summary>The model's rows.</summary>
    public ModelLayout Layout { get; }

    /// <summary>The sizes that batches are filled to: those of the options, or the measured ones; none for any.</summary>
    public IReadOnlyList<int> PreferredBatchRows => _scheduler.PreferredBatchRows;

    /// <summary>Rows that wait at this moment.</summary>
    public int WaitingRows => _scheduler.WaitingRows;

    /// <summary>Predicts one row.</summary>
    /// <param name="row">The elements of all inputs, one input after another; copied before the call returns.</param>
    /// <param name="output">Receives the output's row; not to be touched until the result is there.</param>
    /// <param name="outputIndex">A float32 output of the layout.</param>
    /// <param name="options">Deadline.</param>
    /// <param name="cancellationToken">Frees the row's place at any stage.</param>
    /// <exception cref="MlpException">Wrong lengths, the queue is full, the model failed, the deadline passed, or the batcher is disposed.</exception>
    public ValueTask PredictAsync(ReadOnlySpan<float> row, Memory<float> output, int outputIndex = 0, RequestOptions options = default, CancellationToken cancellationToken = default)
    {
        if (RowErrors.OfRow(Layout, row.Length, output.Length, outputIndex) is { } mismatch)
        {
            return ValueTask.FromException(mismatch);
        }

        var target = new ResultTarget { Output = outputIndex, Floats = output };
        var request = Send(new SpanRows(row, Layout.RowElements), target, options, cancellationToken, out var error);
        return request is null ? ValueTask.FromException(error ?? InferenceErrors.IsClosed(_name)) : new ValueTask(request, request.Version);
    }

    /// <summary>Predicts any number of rows; what is larger than a batch is split and put together again.</summary>
    /// <param name="rows">Row-major; not to be touched until the result is there.</param>
    /// <param name="outputs">Receives the rows of the output.</param>
    /// <param name="outputIndex">A float32 output of the layout.</param>
    /// <param name="options">Deadline of the whole.</param>
    /// <param name="cancellationToken">Frees the rows' places.</param>
    /// <exception cref="MlpException">See <see cref="PredictAsync"/>.</exception>
    public async ValueTask PredictManyAsync(ReadOnlyMemory<float> rows, Memory<float> outputs, int outputIndex = 0, RequestOptions options = default, CancellationToken cancellationToken = default)
    {
        var count = RowErrors.CountRows(Layout, rows.Length, outputs.Length, outputIndex);
        if (!TrySendMany(new FloatBlock(rows, outputs, outputIndex, count), options, cancellationToken, out var answered))
        {
            throw InferenceErrors.IsClosed(_name);
        }

        await answered.ConfigureAwait(false);
    }

    /// <summary>Accepts nothing more, waits until what was accepted is answered (<see cref="BatchingOptions.DrainTimeout"/> at most), and lets go of the model, which a run that outlasts that time keeps until it comes back.</summary>
    public ValueTask DisposeAsync() => _scheduler.DisposeAsync();

    /// <summary>Completes when the model was let go: where a run outlasts <see cref="BatchingOptions.DrainTimeout"/>, later than the disposal.</summary>
    internal Task Released => _scheduler.Released;

    /// <summary>Sends a request of one row.</summary>
    /// <returns>Null with an error where it was refused; null without one where the batcher is closed.</returns>
    internal PredictionRequest? Send<TSource>(TSource source, in ResultTarget target, RequestOptions options, CancellationToken cancellationToken, out Exception? error)
        where TSource : IRowSource, allows ref struct => _scheduler.Send(source, target, options, cancellationToken, out error);

    /// <summary>Sends a request of one row; a refusal is the end of <paramref name="answered"/>.</summary>
    /// <returns>False where the batcher is closed.</returns>
    internal bool TrySend<TSource>(TSource source, in ResultTarget target, RequestOptions options, CancellationToken cancellationToken, out ValueTask answered)
        where TSource : IRowSource, allows ref struct
    {
        var request = _scheduler.Send(source, target, options, cancellationToken, out var error);
        answered = request is not null ? new ValueTask(request, request.Version) : error is not null ? ValueTask.FromException(error) : default;
        return request is not null || error is not null;
    }

    /// <summary>Sends a request of any number of rows; a refusal is the end of <paramref name="answered"/>.</summary>
    /// <returns>False where the batcher is closed.</returns>
    internal bool TrySendMany<TBlock>(TBlock block, RequestOptions options, CancellationToken cancellationToken, out ValueTask answered)
        where TBlock : struct, IRowBlock
    {
        var isOpen = _scheduler.TryEnter();
        answered = isOpen ? SendEnteredAsync(block, options, cancellationToken) : default;
        return isOpen;
    }

    /// <summary>Predicts one row on the caller's thread if an instance is idle, else waits for its turn.</summary>
    /// <returns>False where the batcher is closed.</returns>
    internal bool TryPredict(ReadOnlySpan<float> row, Span<float> output, int outputIndex)
    {
        if (!_scheduler.TryRunHere(row, output, outputIndex, out var isClosed, out var ended))
        {
            return !isClosed && TryWaitForTurn(row, output, outputIndex);
        }

        if (ended is not null)
        {
            // Its deadline passed, or the model was unloaded: throws that.
            BlockingWait.For(new ValueTask(ended, ended.Version));
        }

        return true;
    }

    /// <summary>Runs one row with all outputs on the caller's thread if such a run is short, an instance is idle and nobody waits.</summary>
    /// <param name="row">The row, and where its outputs go.</param>
    /// <param name="options">Deadline.</param>
    /// <param name="cancellationToken">Ends the run, where the runtime can.</param>
    /// <param name="ended">The request, where it ended otherwise than by its run: who awaits it gets the error.</param>
    internal bool TryInferHere(TensorRows row, RequestOptions options, CancellationToken cancellationToken, out PredictionRequest? ended)
    {
        ended = null;
        return _scheduler.IsRunOfOneShort && _scheduler.TryRunHere(row, options, cancellationToken, out ended);
    }

    /// <summary>Predicts many rows on the caller's thread, beside the instances.</summary>
    /// <returns>False where the batcher is closed.</returns>
    internal bool TryPredictMany(ReadOnlySpan<float> rows, Span<float> outputs, int outputIndex)
    {
        if (!_scheduler.TryEnter())
        {
            return false;
        }

        try
        {
            _bulk.Run(rows, outputs, outputIndex);
            return true;
        }
        catch (Exception e) when (e is not MlpException)
        {
            throw InferenceErrors.Failed(_name, e);
        }
        finally
        {
            _scheduler.Exit();
        }
    }

    private async ValueTask SendEnteredAsync<TBlock>(TBlock block, RequestOptions options, CancellationToken cancellationToken)
        where TBlock : struct, IRowBlock
    {
        try
        {
            await ManyRows.SendAsync(_scheduler, block, options, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _scheduler.Exit();
        }
    }

    private bool TryWaitForTurn(ReadOnlySpan<float> row, Span<float> output, int outputIndex)
    {
        // The answer arrives on another thread, which must not write to this one's stack.
        var rented = System.Buffers.ArrayPool<float>.Shared.Rent(output.Length);
        var answer = rented.AsMemory(0, output.Length);
        var request = Send(new SpanRows(row, Layout.RowElements), new ResultTarget { Output = outputIndex, Floats = answer }, default, CancellationToken.None, out var error);
        if (request is null)
        {
            System.Buffers.ArrayPool<float>.Shared.Return(rented);
            return error is null ? false : throw error;
        }

        BlockingWait.For(new ValueTask(request, request.Version));
        answer.Span.CopyTo(output);
        System.Buffers.ArrayPool<float>.Shared.Return(rented);
        return true;
    }
}
