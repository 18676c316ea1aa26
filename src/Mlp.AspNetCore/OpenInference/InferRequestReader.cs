using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Mlp.Core;
using Mlp.Inference;

namespace Mlp.AspNetCore;

/// <summary>Reads the body of an inference request for one model: what does not fit the model is an error that names the tensor.</summary>
internal sealed class InferRequestReader(HostedModel model, OpenInferenceOptions options) : IDisposable
{
    private readonly List<InputTensor> _inputs = [];
    private readonly List<int> _outputs = [];
    private string? _id;
    private TimeSpan? _timeout;

    public InferRequest Read(in ReadOnlySequence<byte> body)
    {
        if (body.IsSingleSegment)
        {
            return Read(body.FirstSpan);
        }

        // The JSON reader's way through several segments is slow, and some broken bodies throw an IndexOutOfRangeException there (.NET 10.0.12).
        var whole = ArrayPool<byte>.Shared.Rent((int)body.Length);
        try
        {
            body.CopyTo(whole);
            return Read(whole.AsSpan(0, (int)body.Length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(whole);
        }
    }

    private InferRequest Read(ReadOnlySpan<byte> body)
    {
        try
        {
            var json = new Utf8JsonReader(body);
            json.Read();
            ReadRequest(ref json);

            // Anything after the object is an error of the client's, which the reader finds.
            json.Read();
        }
        catch (JsonException e)
        {
            throw new RequestFieldException("body", $"The body is no JSON: {e.Message}", e);
        }

        return Check();
    }

    public void Dispose()
    {
        foreach (var input in _inputs)
        {
            input.Dispose();
        }
    }

    private void ReadRequest(ref Utf8JsonReader json)
    {
        JsonFields.Expect(json.TokenType, JsonTokenType.StartObject, "body");
        while (json.Read() && json.TokenType != JsonTokenType.EndObject)
        {
            if (json.ValueTextEquals("id"u8))
            {
                _id = JsonFields.Text(ref json, "id");
            }
            else if (json.ValueTextEquals("inputs"u8))
            {
                ReadInputs(ref json);
            }
            else if (json.ValueTextEquals("outputs"u8))
            {
                ReadOutputs(ref json);
            }
            else if (json.ValueTextEquals("parameters"u8))
            {
                ReadParameters(ref json);
            }
            else
            {
                json.Skip();
            }
        }
    }

    private void ReadInputs(ref Utf8JsonReader json)
    {
        CheckModel();
        json.Read();
        JsonFields.Expect(json.TokenType, JsonTokenType.StartArray, "inputs");
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (_inputs.Count == model.Signature.Inputs.Length)
            {
                throw new RequestFieldException("inputs", $"There are more inputs than the {model.Signature.Inputs.Length} of the model {model.Signature}.");
            }

            var input = new InputTensor((int)Math.Min(Array.MaxLength, (long)options.RowsMax * model.RowElements));
            _inputs.Add(input);
            input.Read(ref json);
        }
    }

    private void ReadOutputs(ref Utf8JsonReader json)
    {
        json.Read();
        JsonFields.Expect(json.TokenType, JsonTokenType.StartArray, "outputs");
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            JsonFields.Expect(json.TokenType, JsonTokenType.StartObject, "outputs");
            var name = "";
            while (json.Read() && json.TokenType != JsonTokenType.EndObject)
            {
                if (json.ValueTextEquals("name"u8))
                {
                    name = JsonFields.Name(ref json, "outputs.name");
                }
                else if (json.ValueTextEquals("parameters"u8))
                {
                    ReadParameters(ref json);
                }
                else
                {
                    json.Skip();
                }
            }

            var index = IndexOf(model.Layout.Outputs, name);
            if (index < 0 || _outputs.Contains(index))
            {
                throw new RequestFieldException(name.Length == 0 ? "outputs" : name, $"The output '{name}' is {(index < 0 ? "none" : "asked for twice")}; the model is {model.Signature}.");
            }

            _outputs.Add(index);
        }
    }

    private void ReadParameters(ref Utf8JsonReader json)
    {
        json.Read();
        JsonFields.Expect(json.TokenType, JsonTokenType.StartObject, "parameters");
        while (json.Read() && json.TokenType != JsonTokenType.EndObject)
        {
            if (json.ValueTextEquals("binary_data_output"u8) || json.ValueTextEquals("binary_data"u8))
            {
                json.Read();
                if (json.TokenType == JsonTokenType.True)
                {
                    throw new RequestFieldException("parameters", "The binary tensor data extension is not supported: ask for outputs as JSON numbers.");
                }

                json.Skip();
            }
            else if (json.ValueTextEquals("timeout"u8))
            {
                json.Read();
                if (json.TokenType != JsonTokenType.Number || !json.TryGetInt64(out var microseconds) || microseconds is <= 0 or > 86_400_000_000)
                {
                    throw new RequestFieldException("parameters.timeout", "The timeout is a number of microseconds, more than 0 and at most a day.");
                }

                _timeout = TimeSpan.FromMicroseconds(microseconds);
            }
            else
            {
                json.Skip();
            }
        }
    }

    private void CheckModel()
    {
        if (!model.Layout.IsFloat)
        {
            throw new RequestFieldException(RequestErrors.Unsupported, "inputs", $"This route takes rows of FP32; the model is {model.Signature}.{(model.Layout.IsBatched ? "" : $" {model.Layout.WhyWhole}")}");
        }
    }

    private InferRequest Check()
    {
        CheckModel();
        var layouts = model.Layout.Inputs;
        var given = new InputTensor?[layouts.Length];
        foreach (var input in _inputs)
        {
            var index = IndexOf(layouts, input.Name);
            if (index < 0 || given[index] is not null)
            {
                throw new RequestFieldException(input.Name.Length == 0 ? "inputs" : input.Name, $"The input '{input.Name}' is {(index < 0 ? "none" : "given twice")}; the model is {model.Signature}.");
            }

            given[index] = input;
        }

        long rows = -1;
        for (var i = 0; i < given.Length; i++)
        {
            var input = given[i] ?? throw new RequestFieldException(layouts[i].Name, $"The input '{layouts[i].Name}' is missing; the model is {model.Signature}.");
            var rowsHere = CheckInput(input, layouts[i]);
            if (rows >= 0 && rowsHere != rows)
            {
                throw new RequestFieldException(input.Name, $"'{input.Name}' has {rowsHere} rows, the input before it {rows}.");
            }

            rows = rowsHere;
        }

        return Fill(given, (int)rows);
    }

    private long CheckInput(InputTensor input, TensorLayout layout)
    {
        var expected = $"expected {OpenInferenceTypes.Name(layout.Type)} of {Shape(layout)}, 1 to {options.RowsMax} rows";
        if (input.DataType != OpenInferenceTypes.Name(layout.Type))
        {
            throw new RequestFieldException(input.Name, $"'{input.Name}' has the datatype '{input.DataType}'; {expected}.");
        }

        var shape = input.Shape;
        var isRight = shape.Length == layout.Rank && shape[0] >= 1 && shape[0] <= options.RowsMax;
        for (var i = 1; isRight && i < shape.Length; i++)
        {
            isRight = shape[i] == layout.RowShape[i - 1];
        }

        if (!isRight)
        {
            throw new RequestFieldException(input.Name, $"'{input.Name}' has the shape [{string.Join(", ", shape)}]; {expected}.");
        }

        return input.Data is null || !input.Data.Fits(shape)
            ? throw new RequestFieldException(input.Name, $"'{input.Name}' has {(input.Data is null ? "no data" : $"{input.Data.Count} elements that do not make up its shape")}; {expected}.")
            : shape[0];
    }

    private static string Shape(TensorLayout layout)
    {
        var shape = new StringBuilder("[rows");
        foreach (var length in layout.RowShape)
        {
            shape.Append(CultureInfo.InvariantCulture, $", {length}");
        }

        return shape.Append(']').ToString();
    }

    private InferRequest Fill(InputTensor?[] given, int rows)
    {
        var tensors = new TensorRows(model.Layout, rows);
        for (var i = 0; i < given.Length; i++)
        {
            given[i]!.Data!.Numbers.CopyTo(tensors.Input(i));
        }

        if (_outputs.Count == 0)
        {
            for (var i = 0; i < model.Layout.Outputs.Length; i++)
            {
                _outputs.Add(i);
            }
        }

        return new InferRequest(tensors) { Id = _id, Outputs = _outputs, Options = new RequestOptions { Deadline = _timeout, RunsHere = true } };
    }

    private static int IndexOf(ReadOnlySpan<TensorLayout> tensors, string name)
    {
        for (var i = 0; i < tensors.Length; i++)
        {
            if (tensors[i].Name == name)
            {
                return i;
            }
        }

        return -1;
    }
}
