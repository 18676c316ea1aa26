using System.Runtime.InteropServices;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>
/// A hosted model with the caller's own types: a record is written straight into its place in the next batch, the answer is read into
/// another. What does not fit the model fails when the predictor is built. Nothing is allocated for a prediction in the steady state;
/// nothing is reflected upon. Safe for all threads; follows the model through its versions.
/// </summary>
/// <typeparam name="TIn">A partial type with <see cref="ModelInputAttribute"/>.</typeparam>
/// <typeparam name="TOut">A partial type with <see cref="ModelOutputAttribute"/>.</typeparam>
public sealed partial class Predictor<TIn, TOut>
    where TIn : IModelInput<TIn>
    where TOut : IModelOutput<TOut>
{
    private const int RowOnStackMax = 512;

    private static readonly RowWriter<Written> Writer = static (slot, written) => written.Predictor.Write(slot, in written.Row);

    private readonly PredictorOptions _options;
    private readonly int[] _inputs;
    private readonly int[] _outputs;
    private readonly bool _runsHere;
    private readonly Lock _gate = new();
    private readonly TypedCall<TIn, TOut>[] _kept;
    private int _keptCount;

    /// <summary>Compares the types with the model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">Bounds; null for the defaults.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: a name, element type, width or feature is another; the message lists both sides.</exception>
    public Predictor(HostedModel model, PredictorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        _options = options ?? new PredictorOptions();
        _options.Validate();
        Model = model;
        _inputs = RowBinding.Inputs(model, TIn.InputSchema);
        _outputs = RowBinding.Outputs(model, TOut.OutputSchema);
        _kept = new TypedCall<TIn, TOut>[_options.KeptCallsMax];
        _runsHere = _outputs.Length == 1 && model.Layout.Outputs[_outputs[0]].Type == ElementType.Float32;
        foreach (var input in model.Layout.Inputs)
        {
            _runsHere &= input.Type == ElementType.Float32;
        }
    }

    /// <summary>The model.</summary>
    public HostedModel Model { get; }

    /// <summary>Predicts one row on this thread if an instance is idle; else it waits for its turn.</summary>
    /// <exception cref="MlpException">See <see cref="HostedModel"/>.</exception>
    public TOut Predict(in TIn row)
    {
        var layout = Model.Layout;
        var width = layout.Outputs[_outputs[0]].Width;
        if (!_runsHere || layout.RowElements > RowOnStackMax || width > RowOnStackMax)
        {
            return PredictInTurn(in row);
        }

        Span<float> elements = stackalloc float[layout.RowElements];
        Span<float> answer = stackalloc float[width];
        var at = elements;
        for (var i = 0; i < _inputs.Length; i++)
        {
            TIn.Write(in row, _inputs[i], MemoryMarshal.AsBytes(at[..layout.Inputs[i].Width]));
            at = at[layout.Inputs[i].Width..];
        }

        Model.Predict(elements, answer, _outputs[0]);
        return TOut.Read(new OutputRow(answer));
    }

    /// <summary>Predicts one row, in a batch with those of other callers.</summary>
    /// <param name="row">Written into its place in the batch before the call returns.</param>
    /// <param name="options">Deadline.</param>
    /// <param name="cancellationToken">Frees the row's place at any stage.</param>
    /// <exception cref="MlpException">See <see cref="HostedModel"/>.</exception>
    public ValueTask<TOut> PredictAsync(in TIn row, RequestOptions options = default, CancellationToken cancellationToken = default)
    {
        var call = Rent();
        ValueTask task;
        try
        {
            task = Model.InferRowAsync(new Written(this, row), Writer, call.Answer, options, cancellationToken);
        }
        catch
        {
            // The row could not be written; its place is free again.
            Return(call);
            throw;
        }

        return call.Follow(task);
    }

    private TOut PredictInTurn(in TIn row)
    {
        var call = Rent();
        try
        {
            BlockingWait.For(Model.InferRowAsync(new Written(this, row), Writer, call.Answer, default, CancellationToken.None));
            return Read(call.Answer);
        }
        finally
        {
            Return(call);
        }
    }

    internal TOut Read(TensorRows answer) => TOut.Read(new OutputRow(answer, _outputs));

    internal void Return(TypedCall<TIn, TOut> call)
    {
        lock (_gate)
        {
            if (_keptCount < _kept.Length)
            {
                _kept[_keptCount++] = call;
                return;
            }
        }

        call.Answer.Dispose();
    }

    private TypedCall<TIn, TOut> Rent()
    {
        lock (_gate)
        {
            if (_keptCount > 0)
            {
                return _kept[--_keptCount];
            }
        }

        return new TypedCall<TIn, TOut>(this, new TensorRows(Model.Layout, 1));
    }

    private void Write(RowSlot slot, in TIn row)
    {
        for (var i = 0; i < _inputs.Length; i++)
        {
            if (Model.Layout.Inputs[i].Type == ElementType.String)
            {
                TIn.WriteTexts(in row, _inputs[i], slot.InputTexts(i));
            }
            else
            {
                TIn.Write(in row, _inputs[i], slot.InputBytes(i));
            }
        }
    }

    private readonly struct Written(Predictor<TIn, TOut> predictor, TIn row)
    {
        public readonly Predictor<TIn, TOut> Predictor = predictor;
        public readonly TIn Row = row;
    }
}
