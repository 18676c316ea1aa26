using Mlp.Core;

namespace Mlp.Inference;

/// <summary>The buckets of one version: batches for each length, which share the model and the cores.</summary>
internal sealed class BucketSet : IAsyncDisposable
{
    private readonly ModelSignature _signature;
    private readonly VariableTensor[] _inputs;
    private readonly VariableTensor[] _outputs;
    private readonly double[] _padding;
    private readonly Bucket[] _buckets;
    private readonly ModelMetrics _metrics;

    private BucketSet(ModelSignature signature, VariableTensor[] inputs, VariableTensor[] outputs, double[] padding, Bucket[] buckets, ModelMetrics metrics)
    {
        _signature = signature;
        _inputs = inputs;
        _outputs = outputs;
        _padding = padding;
        _buckets = buckets;
        _metrics = metrics;
    }

    /// <summary>Takes the memory of all buckets.</summary>
    /// <exception cref="MlpException"><see cref="InferenceErrors.Unsupported"/>: the model's inputs and outputs do not go together by length.</exception>
    public static async Task<BucketSet> CreateAsync(IPreparedModel model, LengthBuckets options, bool? batches, BatchingOptions batching, ModelMetrics metrics, TimeProvider time, CancellationToken cancellationToken)
    {
        var signature = model.Layout.Signature;
        var inputs = VariableInputs.Of(signature);
        var padding = PaddingOf(signature, options);
        var buckets = new List<Bucket>();
        batching = Each(batching, options);
        try
        {
            foreach (var length in options.Lengths)
            {
                var layout = ModelLayout.Of(signature, VariableInputs.Shapes(signature, inputs, length), batches);
                var rows = model.ForRows(layout, cancellationToken) ?? throw new MlpException(InferenceErrors.Unsupported, $"{model.Runtime} has no rows of several lengths.");
                if (!rows.Layout.IsBatched)
                {
                    rows.Dispose();
                    throw new MlpException(InferenceErrors.Unsupported, $"The model {signature} has no batches of the length {length}. {rows.Layout.WhyWhole}");
                }

                buckets.Add(new Bucket(length, new DynamicBatcher(rows, batching, metrics, time, cancellationToken)));
            }

            var places = OutputLengths.Of(model, inputs, batches, buckets, options.CutsOutputs);
            return new BucketSet(signature, inputs, places, padding, [.. buckets], metrics);
        }
        catch
        {
            foreach (var bucket in buckets)
            {
                await bucket.Batcher.DisposeAsync().ConfigureAwait(false);
            }

            throw;
        }
    }

    /// <summary>What the buffers of all buckets will take, as far as a signature says.</summary>
    public static long MemoryBytesOf(ModelSignature signature, LengthBuckets options, bool? batches, BatchingOptions batching)
    {
        var inputs = VariableInputs.Of(signature);
        batching = Each(batching, options);
        long bytes = 0;
        foreach (var length in options.Lengths)
        {
            bytes += batching.MemoryBytes(ModelLayout.Of(signature, VariableInputs.Shapes(signature, inputs, length), batches));
        }

        return bytes;
    }

    /// <summary>What the buffers of all buckets take.</summary>
    public long MemoryBytes
    {
        get
        {
            long bytes = 0;
            foreach (var bucket in _buckets)
            {
                bytes += bucket.Batcher.MemoryBytes;
            }

            return bytes;
        }
    }

    /// <summary>The bucket of a call; null where it has to run alone.</summary>
    public Bucket? Find(ModelValue[] values, out int length)
    {
        length = VariableInputs.LengthOf(values, _inputs);
        foreach (var bucket in _buckets)
        {
            if (length > 0 && length <= bucket.Length)
            {
                return bucket;
            }
        }

        return null;
    }

    /// <summary>The call's rows, filled up to the bucket's length.</summary>
    public TensorRows Fill(Bucket bucket, ModelValue[] values, int length)
    {
        var layout = bucket.Batcher.Layout;
        var count = Rows(values);
        var rows = new TensorRows(layout, count);
        for (var i = 0; i < values.Length; i++)
        {
            var tensor = (TensorValue)values[i];
            var input = layout.Inputs[i];
            if (tensor.Type == ElementType.String)
            {
                Copy(_inputs[i], input.RowShape, 1, count, tensor.TextSpan, length, rows.InputTexts(i), bucket.Length);
                continue;
            }

            if (_inputs[i].IsVariable && length < bucket.Length)
            {
                VariableTensor.Fill(input.Type, _padding[i], rows.InputBytes(i));
            }

            Copy(_inputs[i], input.RowShape, input.Type.SizeBytes(), count, tensor.Bytes.Span, length, rows.InputBytes(i), bucket.Length);
        }

        _metrics.Padded((long)count * (bucket.Length - length));
        return rows;
    }

    /// <summary>The answer, cut back to the call's length.</summary>
    public ModelValue[] Cut(Bucket bucket, TensorRows rows, int length)
    {
        var values = new ModelValue[rows.Layout.Outputs.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var output = rows.Layout.Outputs[i];
            var shape = output.Shape(rows.Rows);
            long elements = rows.Rows * (long)output.Width;
            if (_outputs[i].IsVariable)
            {
                shape[_outputs[i].Dimension + 1] = length;
                elements = elements / bucket.Length * length;
            }

            if (output.Type == ElementType.String)
            {
                var texts = new string[elements];
                Copy(_outputs[i], output.RowShape, 1, rows.Rows, rows.OutputTexts(i), bucket.Length, texts, length);
                values[i] = new TensorValue(texts, shape);
            }
            else
            {
                var bytes = new byte[elements * output.Type.SizeBytes()];
                Copy(_outputs[i], output.RowShape, output.Type.SizeBytes(), rows.Rows, rows.OutputBytes(i), bucket.Length, bytes, length);
                values[i] = new TensorValue(output.Type, bytes, shape);
            }
        }

        return values;
    }

    /// <summary>Completes when all buckets let go of the model.</summary>
    public Task Released => Task.WhenAll(Array.ConvertAll(_buckets, static bucket => bucket.Batcher.Released));

    public async ValueTask DisposeAsync() => await Task.WhenAll(Array.ConvertAll(_buckets, static bucket => bucket.Batcher.DisposeAsync().AsTask())).ConfigureAwait(false);

    private static void Copy<T>(VariableTensor variable, ReadOnlySpan<int> rowShape, int elementSize, int rows, ReadOnlySpan<T> source, int sourceLength, Span<T> destination, int destinationLength)
    {
        if (variable.IsVariable)
        {
            variable.Copy(rowShape, elementSize, rows, source, sourceLength, destination, destinationLength);
        }
        else
        {
            source[..destination.Length].CopyTo(destination);
        }
    }

    private static BatchingOptions Each(BatchingOptions batching, LengthBuckets options) =>
        batching with { BatchBytesMax = Math.Max(1, batching.BatchBytesMax / options.Lengths.Count) };

    private int Rows(ModelValue[] values)
    {
        var rows = ((TensorValue)values[0]).Shape[0];
        foreach (var value in values)
        {
            if (((TensorValue)value).Shape[0] != rows || rows is <= 0 or > int.MaxValue)
            {
                throw new MlpException(ErrorCodes.TensorMismatch, $"{value} beside {values[0]}; expected at least one row, as many in all inputs. The model is {_signature}.");
            }
        }

        return (int)rows;
    }

    // What no element can hold is found at load, not by the first call that is filled up.
    private static void CheckPadding(TensorSpec input, double value)
    {
        if (input.Type == ElementType.String)
        {
            throw new MlpException(ErrorCodes.TensorMismatch, $"The padding {value} was stated for the input {input}; texts are filled up with the empty text.");
        }

        VariableTensor.Fill(input.Type, value, new byte[input.Type.SizeBytes()]);
    }

    private static double[] PaddingOf(ModelSignature signature, LengthBuckets options)
    {
        var padding = new double[signature.Inputs.Length];
        var found = 0;
        for (var i = 0; i < padding.Length; i++)
        {
            if (options.Padding.TryGetValue(signature.Inputs[i].Name, out padding[i]))
            {
                found++;
                CheckPadding(signature.Inputs[i], padding[i]);
            }
        }

        return found == options.Padding.Count
            ? padding
            : throw new MlpException(ErrorCodes.TensorMismatch, $"The padding names inputs ({string.Join(", ", options.Padding.Keys)}) that the model {signature} does not have.");
    }
}
