using System.Diagnostics;
using System.Runtime.CompilerServices;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>
/// A model that answers, whichever version of it is active. Versions are swapped under load: a request is answered by the version
/// that accepted it, and none fails. Safe for all threads.
/// </summary>
public sealed partial class HostedModel
{
    private volatile ModelVersion? _active;
    private volatile string? _lastLoadError;

    private readonly TimeProvider? _useClock;
    private long _lastUsed;

    // The clock is there only where somebody asks which model was not used for long.
    internal HostedModel(string name, ModelPackage package, ModelLayout layout, int outputIndex, ModelVersion version, ModelOrigin origin, TimeProvider? useClock)
    {
        Origin = origin;
        _useClock = useClock;
        Touch();
        Name = name;
        Package = package;
        Layout = layout;
        OutputIndex = outputIndex;
        _active = version;
        Version = version;
    }

    /// <summary>The name it is found by.</summary>
    public string Name { get; }

    /// <summary>The package of the active version.</summary>
    public ModelPackage Package { get; private set; }

    /// <summary>Inputs and outputs.</summary>
    public ModelSignature Signature => Layout.Signature;

    /// <summary>The rows of inputs and outputs.</summary>
    public ModelLayout Layout { get; }

    /// <summary>Index of the output that predictions answer with; -1 where there is none of float32.</summary>
    public int OutputIndex { get; }

    /// <summary>Elements of a row: those of all inputs, one input after another.</summary>
    public int RowElements => Layout.RowElements;

    /// <summary>Elements of an answer.</summary>
    public int OutputElements => OutputIndex < 0 ? 0 : Layout.Outputs[OutputIndex].Width;

    /// <summary>The active version; after an unload the last one.</summary>
    public ModelVersion Version { get; private set; }

    /// <summary>Whether the model answers; false after an unload.</summary>
    public bool IsLoaded => _active is not null;

    /// <summary>Why the latest attempt to load a new version failed; null if it did not. The version before it stays active.</summary>
    public string? LastLoadError => _lastLoadError;

    /// <summary>Where the active version came from.</summary>
    internal ModelOrigin Origin { get; private set; }

    /// <summary>When it was last used, in ticks of the host's clock; 0 where nobody asks.</summary>
    internal long LastUsed => Volatile.Read(ref _lastUsed);

    /// <summary>Predicts one row.</summary>
    /// <param name="row">The elements of all inputs, one input after another; copied before the call returns.</param>
    /// <param name="output">Receives the answer, <see cref="OutputElements"/> long; not to be touched until it is there.</param>
    /// <param name="cancellationToken">Frees the row's place at any stage.</param>
    /// <exception cref="MlpException">A wrong length, <see cref="InferenceErrors.Overloaded"/>, <see cref="InferenceErrors.DeadlineExceeded"/>, <see cref="InferenceErrors.ExecutionFailed"/> or <see cref="InferenceErrors.Closed"/>.</exception>
    public ValueTask PredictAsync(ReadOnlySpan<float> row, Memory<float> output, CancellationToken cancellationToken = default) => PredictAsync(row, output, default, cancellationToken);

    /// <summary>Predicts one row with options of its own.</summary>
    /// <inheritdoc cref="PredictAsync(ReadOnlySpan{float}, Memory{float}, CancellationToken)"/>
    public ValueTask PredictAsync(ReadOnlySpan<float> row, Memory<float> output, RequestOptions options, CancellationToken cancellationToken = default)
    {
        if (RowErrors.OfRow(Layout, row.Length, output.Length, OutputIndex) is { } mismatch)
        {
            return ValueTask.FromException(mismatch);
        }

        var trace = Trace(1);
        var request = Send(new SpanRows(row, RowElements), new ResultTarget { Output = OutputIndex, Floats = output }, options, cancellationToken, out var error);
        return RequestTrace.Until(trace, request is null ? ValueTask.FromException(error!) : new ValueTask(request, request.Version));
    }

    /// <summary>Predicts a row that is written straight into its place in the next batch.</summary>
    /// <typeparam name="TState">What the row is made of.</typeparam>
    /// <param name="state">Handed to <paramref name="write"/>.</param>
    /// <param name="write">Called once, on this thread, before the call returns. What it throws comes out of this call, and the place is freed.</param>
    /// <param name="output">Receives the answer, <see cref="OutputElements"/> long; not to be touched until it is there.</param>
    /// <param name="options">Deadline.</param>
    /// <param name="cancellationToken">Frees the row's place at any stage.</param>
    /// <exception cref="MlpException">See the other overloads.</exception>
    public ValueTask PredictAsync<TState>(TState state, RowWriter<TState> write, Memory<float> output, RequestOptions options = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(write);
        if (RowErrors.OfOutput(Layout, 1, output.Length, OutputIndex) is { } mismatch)
        {
            return ValueTask.FromException(mismatch);
        }

        return SendWritten(new WrittenRow<TState>(write, state), new ResultTarget { Output = OutputIndex, Floats = output }, options, cancellationToken);
    }

    /// <summary>Predicts one row and gives one number of the answer.</summary>
    /// <param name="row">The elements of all inputs, one input after another; copied before the call returns.</param>
    /// <param name="column">Which element of the answer.</param>
    /// <param name="options">Deadline.</param>
    /// <param name="cancellationToken">Frees the row's place at any stage.</param>
    /// <exception cref="MlpException">See the other overloads.</exception>
    public ValueTask<float> PredictValueAsync(ReadOnlySpan<float> row, int column = 0, RequestOptions options = default, CancellationToken cancellationToken = default)
    {
        if (RowErrors.OfRow(Layout, row.Length, OutputElements, OutputIndex) is { } mismatch)
        {
            return ValueTask.FromException<float>(mismatch);
        }

        ArgumentOutOfRangeException.ThrowIfNegative(column);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(column, OutputElements);

        var trace = Trace(1);
        var request = Send(new SpanRows(row, RowElements), new ResultTarget { Output = OutputIndex, WantsValue = true, Column = column }, options, cancellationToken, out var error);
        return RequestTrace.Until(trace, request is null ? ValueTask.FromException<float>(error!) : new ValueTask<float>(request, request.Version));
    }

    /// <summary>Predicts any number of rows; what is larger than a batch is split and put together again, all of it by one version.</summary>
    /// <param name="rows">Row-major; not to be touched until the result is there.</param>
    /// <param name="outputs">Receives the answers, row-major.</param>
    /// <param name="options">Deadline of the whole.</param>
    /// <param name="cancellationToken">Frees the rows' places.</param>
    /// <exception cref="MlpException">See the other overloads.</exception>
    public async ValueTask PredictManyAsync(ReadOnlyMemory<float> rows, Memory<float> outputs, RequestOptions options = default, CancellationToken cancellationToken = default)
    {
        var block = new FloatBlock(rows, outputs, OutputIndex, RowErrors.CountRows(Layout, rows.Length, outputs.Length, OutputIndex));
        await SendAsync(new BlockCall<FloatBlock>(block), options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Predicts one row on this thread if an instance is idle; else it waits for its turn.</summary>
    /// <param name="row">The elements of all inputs, one input after another.</param>
    /// <param name="output">Receives the answer, <see cref="OutputElements"/> long.</param>
    /// <exception cref="MlpException">See the other overloads.</exception>
    public void Predict(ReadOnlySpan<float> row, Span<float> output) => Predict(row, output, OutputIndex);

    /// <summary>Predicts one row on this thread if an instance is idle; the answer is the output of the index.</summary>
    internal void Predict(ReadOnlySpan<float> row, Span<float> output, int outputIndex)
    {
        if (RowErrors.OfRow(Layout, row.Length, output.Length, outputIndex) is { } mismatch)
        {
            throw mismatch;
        }

        using var trace = Trace(1);
        try
        {
            while (!Active().Batcher.TryPredict(row, output, outputIndex))
            {
                // The version was swapped between the look and the call.
            }
        }
        catch (Exception e)
        {
            RequestTrace.Failed(trace, e);
            throw;
        }
    }

    /// <summary>Predicts many rows on this thread, block by block, beside the instances that serve single requests: for batch jobs.</summary>
    /// <param name="rows">Row-major.</param>
    /// <param name="outputs">Receives the answers, row-major.</param>
    /// <exception cref="MlpException">See the other overloads.</exception>
    public void PredictMany(ReadOnlySpan<float> rows, Span<float> outputs)
    {
        using var trace = Trace(RowErrors.CountRows(Layout, rows.Length, outputs.Length, OutputIndex));
        try
        {
            while (!Active().Batcher.TryPredictMany(rows, outputs, OutputIndex))
            {
                // The version was swapped between the look and the call.
            }
        }
        catch (Exception e)
        {
            RequestTrace.Failed(trace, e);
            throw;
        }
    }

    /// <summary>Makes a version the active one.</summary>
    /// <returns>The one before; null where none was active.</returns>
    internal ModelVersion? Swap(ModelVersion version, ModelPackage package, ModelOrigin origin)
    {
        var before = _active;
        Package = package;
        Version = version;
        Origin = origin;
        _lastLoadError = null;

        // The write that counts: from here on requests go to the new version.
        _active = version;
        return before;
    }

    internal void LoadFailed(string error) => _lastLoadError = error;

    /// <summary>Takes the active version away; null where there is none.</summary>
    internal ModelVersion? Retire()
    {
        var active = _active;
        _active = null;
        return active;
    }

    /// <summary>Remembers that it was used.</summary>
    internal void Touch()
    {
        if (_useClock is { } clock)
        {
            Volatile.Write(ref _lastUsed, clock.GetTimestamp());
        }
    }

    private Activity? Trace(int rows) => RequestTrace.Start(Name, Version.Version, rows);

    private ValueTask SendWritten<TState>(WrittenRow<TState> row, in ResultTarget target, RequestOptions options, CancellationToken cancellationToken)
    {
        var trace = Trace(1);
        try
        {
            var request = Send(row, target, options, cancellationToken, out var error);
            return RequestTrace.Until(trace, request is null ? ValueTask.FromException(error!) : new ValueTask(request, request.Version));
        }
        catch (Exception e)
        {
            // The caller's writer threw, and gets it back.
            RequestTrace.Failed(trace, e);
            trace?.Dispose();
            throw;
        }
    }

    // The version that answered.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ModelVersion> SendAsync<TCall>(TCall call, RequestOptions options, CancellationToken cancellationToken)
        where TCall : IModelCall
    {
        using var trace = Trace(call.Rows);
        try
        {
            while (true)
            {
                // A version that was swapped between the look and the call takes nothing.
                var version = Active();
                if (call.TryStart(version, options, cancellationToken, out var answered))
                {
                    await answered.ConfigureAwait(false);
                    return version;
                }
            }
        }
        catch (Exception e)
        {
            RequestTrace.Failed(trace, e);
            throw;
        }
    }

    private PredictionRequest? Send<TSource>(TSource source, in ResultTarget target, RequestOptions options, CancellationToken cancellationToken, out Exception? error)
        where TSource : IRowSource, allows ref struct
    {
        Touch();
        while (_active is { } version)
        {
            var request = version.Batcher.Send(source, target, options, cancellationToken, out error);
            if (request is not null || error is not null)
            {
                return request;
            }
        }

        error = InferenceErrors.IsClosed(Name);
        return null;
    }

    private ModelVersion Active()
    {
        Touch();
        return _active ?? throw InferenceErrors.IsClosed(Name);
    }
}
