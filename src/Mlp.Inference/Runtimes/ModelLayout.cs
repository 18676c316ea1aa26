using System.Collections.Immutable;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>
/// The rows of a model's inputs and outputs, as batches hold them. A model whose values have no rows (a scalar, a sequence, a dimension
/// that each call chooses) is run a call at a time, and <see cref="WhyWhole"/> says why.
/// </summary>
public sealed class ModelLayout
{
    private readonly TensorLayout[] _inputs;
    private readonly TensorLayout[] _outputs;
    private IReadOnlyDictionary<string, ClassMap> _maps = NoMaps;

    private static readonly Dictionary<string, ClassMap> NoMaps = [];

    internal ModelLayout(ModelSignature signature, TensorLayout[] inputs, TensorLayout[] outputs, int batchRows)
    {
        Signature = signature;
        _inputs = inputs;
        _outputs = outputs;
        BatchRows = batchRows;
        IsFloat = true;
        foreach (var input in inputs)
        {
            RowElements += input.Width;
            IsFloat &= input.Type == ElementType.Float32;
        }
    }

    internal ModelLayout(ModelSignature signature, string whyWhole)
    {
        Signature = signature;
        WhyWhole = whyWhole;
        _inputs = [];
        _outputs = [];
    }

    /// <summary>The signature this is the layout of.</summary>
    public ModelSignature Signature { get; }

    /// <summary>Whether requests of several callers can share a run.</summary>
    public bool IsBatched => WhyWhole is null;

    /// <summary>Why a run answers one call; null where requests can share it.</summary>
    public string? WhyWhole { get; }

    /// <summary>The rows of every run, where the model's file fixes them; 0 for any.</summary>
    public int BatchRows { get; }

    /// <summary>The inputs, in the signature's order; none where the model takes no rows.</summary>
    public ReadOnlySpan<TensorLayout> Inputs => _inputs;

    /// <summary>The outputs, in the signature's order; none where the model takes no rows.</summary>
    public ReadOnlySpan<TensorLayout> Outputs => _outputs;

    /// <summary>Elements of a whole row: the rows of all inputs, one after another.</summary>
    public int RowElements { get; }

    /// <summary>Whether a row is floats: all inputs are float32.</summary>
    public bool IsFloat { get; }

    /// <summary>What the columns of an output are, for a classifier's scores that its file gives as maps; else empty. As <see cref="TensorLayout.Labels"/>, whether calls share runs or not.</summary>
    /// <param name="output">The output's name.</param>
    public ImmutableArray<string> LabelsOf(string output) => _maps.TryGetValue(output, out var map) ? [.. map.Labels] : [];

    /// <summary>Bytes of a row of all inputs and outputs that are known; strings are not counted.</summary>
    internal long RowBytes
    {
        get
        {
            long bytes = 0;
            foreach (var tensor in (ReadOnlySpan<TensorLayout>)[.. _inputs, .. _outputs])
            {
                bytes += Math.Max(0, tensor.RowBytes);
            }

            return bytes;
        }
    }

    /// <summary>Whether nothing is left to be found out by a run.</summary>
    internal bool IsKnown => Array.TrueForAll(_outputs, static output => output.IsKnown);

    /// <summary>Makes the layout of a signature.</summary>
    /// <param name="signature">Inputs and outputs.</param>
    /// <param name="rowShapes">For inputs with free dimensions: the dimensions behind the first one, by input. Null for none.</param>
    /// <param name="batches">False for a model that is to be run a call at a time; true for one whose inputs have the same rows, whatever their first dimensions are called.</param>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: a row shape contradicts the signature.</exception>
    public static ModelLayout Of(ModelSignature signature, IReadOnlyDictionary<string, int[]>? rowShapes = null, bool? batches = null)
    {
        ArgumentNullException.ThrowIfNull(signature);
        return new LayoutOfSignature(signature, rowShapes, batches).Make();
    }

    /// <summary>The index of the output to answer with.</summary>
    /// <param name="name">Its name; null for the first one of float32.</param>
    /// <returns>-1 where none was named and there is none.</returns>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: there is none of that name, or it is not float32.</exception>
    public int FloatOutput(string? name)
    {
        for (var i = 0; i < _outputs.Length; i++)
        {
            if (_outputs[i].Type == ElementType.Float32 && (name is null || _outputs[i].Name == name))
            {
                return i;
            }
        }

        return name is null ? -1 : throw new MlpException(ErrorCodes.TensorMismatch, $"The model {Signature} has no float32 output '{name}'{(IsBatched ? "" : " of rows")}.");
    }

    /// <summary>Whether rows of the other layout may take the place of this one's: names, types and shapes are equal.</summary>
    public bool Fits(ModelLayout other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return IsBatched == other.IsBatched && (IsBatched
            ? Inputs.SequenceEqual(other.Inputs) && Outputs.SequenceEqual(other.Outputs)
            : Signature.Inputs.SequenceEqual(other.Signature.Inputs) && Signature.Outputs.SequenceEqual(other.Signature.Outputs));
    }

    /// <summary>The same layout with names for the columns of class maps.</summary>
    internal ModelLayout With(IReadOnlyDictionary<string, ClassMap> maps) => maps.Count == 0 ? this : IsBatched
        ? new(Signature, _inputs, Array.ConvertAll(_outputs, output => maps.TryGetValue(output.Name, out var map) ? output.With([.. map.Labels]) : output), BatchRows) { _maps = maps }
        : new(Signature, WhyWhole!) { _maps = maps };

    /// <summary>The same layout with outputs whose rows were found out.</summary>
    internal ModelLayout With(TensorLayout[] outputs) => new(Signature, _inputs, outputs, BatchRows) { _maps = _maps };

    /// <summary>Checks that each tensor of a batch can be one array, before anything is taken or run.</summary>
    /// <exception cref="MlpException"><see cref="ErrorCodes.LimitReached"/>: one cannot.</exception>
    internal void CheckBatch(int rowsMax)
    {
        var rows = BatchRows > 0 ? BatchRows : rowsMax;
        foreach (var tensor in (ReadOnlySpan<TensorLayout>)[.. _inputs, .. _outputs])
        {
            if (tensor.IsKnown && (long)tensor.RowBytes * rows > ModelMemory.BytesMax)
            {
                throw new MlpException(ErrorCodes.LimitReached, $"A batch of {rows} rows of {tensor} takes {(long)tensor.RowBytes * rows} bytes, {tensor.RowBytes} a row, of at most {ModelMemory.BytesMax}: take smaller batches.");
            }
        }
    }

    /// <summary>The same model, run a call at a time.</summary>
    internal ModelLayout Whole(string why) => new(Signature, why) { _maps = _maps };
}
