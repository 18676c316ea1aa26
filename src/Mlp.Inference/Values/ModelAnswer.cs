using Mlp.Core;

namespace Mlp.Inference;

/// <summary>All outputs of a call, and which version gave them.</summary>
public sealed class ModelAnswer
{
    private readonly ModelSignature _signature;

    internal ModelAnswer(ModelSignature signature, IReadOnlyList<ModelValue> values, string version)
    {
        _signature = signature;
        Values = values;
        Version = version;
    }

    /// <summary>The outputs, in the signature's order.</summary>
    public IReadOnlyList<ModelValue> Values { get; }

    /// <summary>The version that answered.</summary>
    public string Version { get; }

    /// <summary>An output.</summary>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: there is none of that name.</exception>
    public ModelValue this[string output]
    {
        get
        {
            var found = SpecNames.IndexOf(_signature.Outputs, output);
            if (found >= 0)
            {
                return Values[found];
            }

            throw new MlpException(ErrorCodes.TensorMismatch, $"There is no output '{output}'; the model is {_signature}.");
        }
    }

    /// <summary>An output that is a tensor.</summary>
    /// <exception cref="MlpException"><see cref="ErrorCodes.TensorMismatch"/>: there is none of that name, or it is no tensor.</exception>
    public TensorValue Tensor(string output) => this[output] switch
    {
        TensorValue tensor => tensor,
        DeviceTensor device => throw new MlpException(ErrorCodes.TensorMismatch, $"The output '{output}' is {device}, where the call wanted it, not a copy."),
        var other => throw new MlpException(ErrorCodes.TensorMismatch, $"The output '{output}' is {other.Form}, not a tensor."),
    };
}
