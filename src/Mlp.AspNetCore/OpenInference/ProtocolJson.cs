using System.Buffers;
using System.Numerics;
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
        Tensors(json, "inputs"u8, model.Signature.Inputs);
        Tensors(json, "outputs"u8, model.Signature.Outputs);
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
            foreach (var length in layout.RowShape)
            {
                json.WriteNumberValue(length);
            }

            json.WriteEndArray();
            Data(json, request.Rows, output, layout.Type);
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
            var isFinite = model.Layout.Outputs[output].Type switch
            {
                ElementType.Float32 => AreFinite(request.Rows.Output<float>(output)),
                ElementType.Float64 => AreFinite(request.Rows.Output<double>(output)),
                ElementType.Float16 => AreFinite(request.Rows.Output<Half>(output)),
                _ => true,
            };
            if (!isFinite)
            {
                throw new RequestFieldException(RequestErrors.Unsupported, model.Layout.Outputs[output].Name, $"The output '{model.Layout.Outputs[output].Name}' holds NaN or an infinity, which JSON cannot carry.");
            }
        }
    }

    private static bool AreFinite<T>(ReadOnlySpan<T> values)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        foreach (var value in values)
        {
            if (!T.IsFinite(value))
            {
                return false;
            }
        }

        return true;
    }

    private static void Data(Utf8JsonWriter json, TensorRows rows, int output, ElementType type)
    {
        json.WriteStartArray("data"u8);
        switch (type)
        {
            case ElementType.Float32:
                foreach (var value in rows.Output<float>(output))
                {
                    json.WriteNumberValue(value);
                }

                break;
            case ElementType.Float64: Reals(json, rows.Output<double>(output)); break;
            case ElementType.Float16: Reals(json, rows.Output<Half>(output)); break;
            case ElementType.Int64: Integers(json, rows.Output<long>(output)); break;
            case ElementType.Int32: Integers(json, rows.Output<int>(output)); break;
            case ElementType.Int16: Integers(json, rows.Output<short>(output)); break;
            case ElementType.Int8: Integers(json, rows.Output<sbyte>(output)); break;
            case ElementType.UInt32: Integers(json, rows.Output<uint>(output)); break;
            case ElementType.UInt16: Integers(json, rows.Output<ushort>(output)); break;
            case ElementType.UInt8: Integers(json, rows.Output<byte>(output)); break;
            case ElementType.UInt64:
                foreach (var value in rows.Output<ulong>(output))
                {
                    json.WriteNumberValue(value);
                }

                break;
            case ElementType.Bool:
                foreach (var value in rows.Output<bool>(output))
                {
                    json.WriteBooleanValue(value);
                }

                break;
            case ElementType.String:
                foreach (var value in rows.OutputTexts(output))
                {
                    json.WriteStringValue(value);
                }

                break;
            default: throw new RequestFieldException(RequestErrors.Unsupported, rows.Layout.Outputs[output].Name, $"The output '{rows.Layout.Outputs[output].Name}' of {OpenInferenceTypes.Name(type)} cannot be written as JSON; ask for other outputs.");
        }

        json.WriteEndArray();
    }

    private static void Integers<T>(Utf8JsonWriter json, ReadOnlySpan<T> values)
        where T : unmanaged, IBinaryInteger<T>
    {
        foreach (var value in values)
        {
            json.WriteNumberValue(long.CreateChecked(value));
        }
    }

    private static void Reals<T>(Utf8JsonWriter json, ReadOnlySpan<T> values)
        where T : unmanaged, INumber<T>
    {
        foreach (var value in values)
        {
            json.WriteNumberValue(double.CreateChecked(value));
        }
    }

    private static void Tensors(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<TensorSpec> tensors)
    {
        json.WriteStartArray(name);
        foreach (var tensor in tensors)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, tensor.Name);
            json.WriteString("datatype"u8, tensor.Form?.ToString() ?? OpenInferenceTypes.Name(tensor.Type));
            json.WriteStartArray("shape"u8);
            foreach (var dimension in tensor.Shape)
            {
                json.WriteNumberValue(dimension.IsFixed ? dimension.Length : -1);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
