using Mlp.Core;

namespace Mlp.Inference;

/// <summary>Which dimension of each output is the length of a call: one that is the bucket's length in every bucket, and free in the signature.</summary>
internal static class OutputLengths
{
    /// <summary>Finds them.</summary>
    /// <exception cref="MlpException"><see cref="InferenceErrors.Unsupported"/>: an output depends on the length in another way.</exception>
    public static VariableTensor[] Of(IPreparedModel model, VariableTensor[] inputs, bool? batches, List<Bucket> buckets, bool cuts)
    {
        var signature = model.Layout.Signature;
        var outputs = new VariableTensor[signature.Outputs.Length];
        Array.Fill(outputs, new VariableTensor(-1));
        if (!cuts)
        {
            return outputs;
        }

        var seen = buckets.ConvertAll(static bucket => (bucket.Length, bucket.Batcher.Layout));
        if (seen.Count == 1 && LeavesOpen(signature, inputs))
        {
            seen.Add(Another(model, inputs, batches, seen[0].Length));
        }

        for (var i = 0; i < outputs.Length; i++)
        {
            outputs[i] = Find(signature.Outputs[i], i, seen);
        }

        return outputs;
    }

    private static VariableTensor Find(TensorSpec spec, int output, List<(int Length, ModelLayout Layout)> seen)
    {
        var found = new VariableTensor(-1);
        for (var d = 0; d + 1 < spec.Shape.Length; d++)
        {
            var isLength = !spec.Shape[d + 1].IsFixed;
            var isSame = true;
            foreach (var (length, layout) in seen)
            {
                var here = layout.Outputs[output].RowShape[d];
                isLength &= here == length;
                isSame &= here == seen[0].Layout.Outputs[output].RowShape[d];
            }

            if (isLength && !found.IsVariable)
            {
                found = new VariableTensor(d);
            }
            else if (isLength || !isSame)
            {
                throw new MlpException(InferenceErrors.Unsupported, $"The output {spec} depends on the length in another way than having it as one of its dimensions, so an answer cannot be cut back; LengthBuckets.CutsOutputs = false leaves it.");
            }
        }

        return found;
    }

    // A free dimension of an output that has not the name of the inputs' length may be anything that happens to be as long.
    private static bool LeavesOpen(ModelSignature signature, VariableTensor[] inputs)
    {
        var name = "";
        for (var i = 0; i < inputs.Length; i++)
        {
            name = inputs[i].IsVariable ? signature.Inputs[i].Shape[inputs[i].Dimension + 1].Symbol! : name;
        }

        foreach (var output in signature.Outputs)
        {
            for (var d = 1; d < output.Shape.Length; d++)
            {
                if (!output.Shape[d].IsFixed && (name.Length == 0 || output.Shape[d].Symbol != name))
                {
                    return true;
                }
            }
        }

        return false;
    }

    // Half the length keeps what a model that takes only multiples of a number takes.
    private static (int Length, ModelLayout Layout) Another(IPreparedModel model, VariableTensor[] inputs, bool? batches, int length)
    {
        var signature = model.Layout.Signature;
        var why = "";
        foreach (var other in (ReadOnlySpan<int>)[length / 2, length - 1, length + 1])
        {
            if (other < 1)
            {
                continue;
            }

            using var rows = model.ForRows(ModelLayout.Of(signature, VariableInputs.Shapes(signature, inputs, other), batches))!;
            if (rows.Layout.IsBatched)
            {
                return (other, rows.Layout);
            }

            why = rows.Layout.WhyWhole;
        }

        throw new MlpException(InferenceErrors.Unsupported, $"Whether the outputs of the model {signature} have the length of a call is not known: there is one bucket, the file does not name them, and there are no batches of another length. {why} State several lengths, or LengthBuckets.CutsOutputs = false.");
    }
}
