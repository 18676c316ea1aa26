using System.Text.Json;

namespace Mlp.AspNetCore;

/// <summary>One entry of a request's <c>inputs</c>, in whatever order its members come.</summary>
internal sealed class InputTensor(int elementsMax) : IDisposable
{
    private const int RankMax = 8;

    public string Name { get; private set; } = "";

    public string DataType { get; private set; } = "";

    public long[] Shape { get; private set; } = [];

    public TensorData? Data { get; private set; }

    public void Dispose() => Data?.Dispose();

    /// <summary>Reads the object that the reader stands on.</summary>
    public void Read(ref Utf8JsonReader json)
    {
        JsonFields.Expect(json.TokenType, JsonTokenType.StartObject, "inputs");
        while (json.Read() && json.TokenType != JsonTokenType.EndObject)
        {
            if (json.ValueTextEquals("name"u8))
            {
                Name = JsonFields.Name(ref json, "inputs.name");
            }
            else if (json.ValueTextEquals("datatype"u8))
            {
                DataType = JsonFields.Name(ref json, "inputs.datatype");
            }
            else if (json.ValueTextEquals("shape"u8))
            {
                Shape = ReadShape(ref json);
            }
            else if (json.ValueTextEquals("data"u8))
            {
                json.Read();
                Data?.Dispose();
                Data = new TensorData(elementsMax);
                Data.Read(ref json, Name.Length == 0 ? "inputs.data" : Name);
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

    private static long[] ReadShape(ref Utf8JsonReader json)
    {
        json.Read();
        JsonFields.Expect(json.TokenType, JsonTokenType.StartArray, "inputs.shape");
        var shape = new List<long>();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (shape.Count == RankMax || json.TokenType != JsonTokenType.Number || !json.TryGetInt64(out var length) || length < 0)
            {
                throw new RequestFieldException("inputs.shape", $"A shape is an array of at most {RankMax} integers that are not negative.");
            }

            shape.Add(length);
        }

        return [.. shape];
    }

    private void ReadParameters(ref Utf8JsonReader json)
    {
        json.Read();
        JsonFields.Expect(json.TokenType, JsonTokenType.StartObject, "inputs.parameters");
        while (json.Read() && json.TokenType != JsonTokenType.EndObject)
        {
            if (json.ValueTextEquals("binary_data_size"u8))
            {
                throw new RequestFieldException(Name.Length == 0 ? "inputs.parameters" : Name, "The binary tensor data extension is not supported: send the data as JSON numbers.");
            }

            json.Skip();
        }
    }
}
