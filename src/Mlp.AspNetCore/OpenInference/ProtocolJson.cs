using System.Buffers;
using System.Text.Json;
using Mlp.Core;
using Mlp.Inference;

namespace Mlp.AspNetCore;

/// <summary>The protocol's answers.</summary>
internal static class ProtocolJson
{
    public static void Error(IBufferWriter<byte> body, string message)
    {
        using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        json.WriteString("error"u8, message);
        json.WriteEndObject();
    }

    public static void Flag(IBufferWriter<byte> body, string name, bool value, string? model = null)
    {
        using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        if (model is not null)
        {
            json.WriteString("name"u8, model);
        }

        json.WriteBoolean(name, value);
        json.WriteEndObject();
    }

    public static void Server(IBufferWriter<byte> body, string name, string version)
    {
        using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        json.WriteString("name"u8, name);
        json.WriteString("version"u8, version);
        json.WriteStartArray("extensions"u8);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void Model(IBufferWriter<byte> body, HostedModel model)
    {
        using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        json.WriteString("name"u8, model.Name);
        json.WriteStartArray("versions"u8);
        json.WriteStringValue(model.Version.Version);
        json.WriteEndArray();
        json.WriteString("platform"u8, "onnx");
        Tensors(json, "inputs"u8, model.Layout.Inputs);
        Tensors(json, "outputs"u8, model.Layout.Outputs);
        json.WriteEndObject();
    }

    public static void Answer(IBufferWriter<byte> body, HostedModel model, InferRequest request)
    {
        using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        json.WriteString("model_name"u8, model.Name);
        json.WriteString("model_version"u8, request.Rows.Version);
        if (request.Id is not null)
        {
            json.WriteString("id"u8, request.Id);
        }

        json.WriteStartArray("outputs"u8);
        foreach (var output in request.Outputs)
        {
            var layout = model.Layout.Outputs[output];
            json.WriteStartObject();
            json.WriteString("name"u8, layout.Name);
            json.WriteString("datatype"u8, OpenInferenceTypes.Name(layout.Type));
            json.WriteStartArray("shape"u8);
            json.WriteNumberValue(request.Rows.Rows);
            if (layout.Rank == 2)
            {
                json.WriteNumberValue(layout.Width);
            }

            json.WriteEndArray();
            Numbers(json, request.Rows, output, layout.Type);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Refuses answers that JSON has no numbers for, before anything of the answer is written.</summary>
    public static void CheckFinite(HostedModel model, InferRequest request)
    {
        foreach (var output in request.Outputs)
        {
            if (model.Layout.Outputs[output].Type != ElementType.Float32)
            {
                continue;
            }

            foreach (var value in request.Rows.Output<float>(output))
            {
                if (!float.IsFinite(value))
                {
                    throw new RequestFieldException(RequestErrors.Unsupported, model.Layout.Outputs[output].Name, $"The output '{model.Layout.Outputs[output].Name}' holds NaN or an infinity, which JSON cannot carry.");
                }
            }
        }
    }

    private static void Numbers(Utf8JsonWriter json, TensorRows rows, int output, ElementType type)
    {
        json.WriteStartArray("data"u8);
        if (type == ElementType.Float32)
        {
            foreach (var value in rows.Output<float>(output))
            {
                json.WriteNumberValue(value);
            }
        }
        else
        {
            foreach (var value in rows.Output<long>(output))
            {
                json.WriteNumberValue(value);
            }
        }

        json.WriteEndArray();
    }

    private static void Tensors(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<TensorLayout> tensors)
    {
        json.WriteStartArray(name);
        foreach (var tensor in tensors)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, tensor.Name);
            json.WriteString("datatype"u8, OpenInferenceTypes.Name(tensor.Type));
            json.WriteStartArray("shape"u8);
            json.WriteNumberValue(-1);
            if (tensor.Rank == 2)
            {
                json.WriteNumberValue(tensor.Width);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
