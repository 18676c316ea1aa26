using System.Runtime.InteropServices;
using Mlp.Core;

namespace Mlp.Edge;

/// <summary>Prepares a <c>LabelEncoder</c> of every version, and a <c>CategoryMapper</c>.</summary>
internal static class LabelEncoder
{
    private const string Unused = "_Unused";

    public static IEdgeOperator Prepare(OnnxNode node, EdgeGraphBuilder builder)
    {
        if (node.Attributes.ContainsKey("classes_strings"))
        {
            var classes = node.Texts("classes_strings");
            var numbers = new long[classes.Length];
            for (var i = 0; i < numbers.Length; i++)
            {
                numbers[i] = i;
            }

            return Both(node, builder, classes, numbers);
        }

        var input = builder.Input(node, 0);
        var (keys, count) = Keys(node, builder, input);
        var (name, values) = Values(node, builder);
        if (name.Length == 0 || values != count)
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: {count} keys and {values} values; expected as many of both.");
        }

        return Output(node, builder, input, keys, name);
    }

    public static IEdgeOperator PrepareMapper(OnnxNode node, EdgeGraphBuilder builder)
    {
        var (texts, numbers) = (node.Texts("cats_strings"), node.Ints("cats_int64s"));
        return texts.Length == numbers.Length
            ? Both(node, builder, texts, numbers)
            : throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: {texts.Length} cats_strings and {numbers.Length} cats_int64s; expected as many of both.");
    }

    // Texts to numbers, or numbers to texts, whichever the input is.
    private static IEdgeOperator Both(OnnxNode node, EdgeGraphBuilder builder, string[] texts, long[] numbers)
    {
        var input = builder.Input(node, 0);
        return input.Type switch
        {
            ElementType.String => new LabelOperator<long>(KeyIndex.Of(input, texts, lastWins: true), numbers, node.Int("default_int64", -1), builder.Output(node, 0, ElementType.Int64, input.Row)),
            ElementType.Int64 => new TextLabelOperator(KeyIndex.Of(input, numbers, lastWins: true), texts, node.Text("default_string", Unused), builder.Output(node, 0, ElementType.String, input.Row)),
            _ => throw builder.Unsupported(node, $"the input {input}", "string or int64"),
        };
    }

    private static (KeyIndex Keys, int Count) Keys(OnnxNode node, EdgeGraphBuilder builder, EdgeValue input)
    {
        // Before version 4 NaN was equal to nothing.
        var missing = builder.Version(node) >= 4;
        string[] texts = node.Texts("keys_strings");
        long[] longs = node.Ints("keys_int64s");
        double[] floats = Array.ConvertAll(node.Floats("keys_floats"), static x => (double)x);
        var type = texts.Length > 0 ? ElementType.String : longs.Length > 0 ? ElementType.Int64 : floats.Length > 0 ? ElementType.Float32 : ElementType.Undefined;
        if (type == ElementType.Undefined && Tensor(node, "keys_tensor") is { } tensor)
        {
            type = tensor.Type;
            switch (type)
            {
                case ElementType.String: texts = [.. tensor.Texts]; break;
                case ElementType.Int64: longs = tensor.Ints(); break;
                case ElementType.Float32 or ElementType.Float64: floats = tensor.Doubles(); break;
                default: throw builder.Unsupported(node, $"the attribute 'keys_tensor' of {tensor}", "string, int64, float32 or float64");
            }
        }

        if (type == ElementType.Undefined)
        {
            throw builder.Unsupported(node, "no keys", "keys_strings, keys_int64s, keys_floats, keys_tensor, or classes_strings of version 1");
        }

        if (type != input.Type)
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: the keys are {type.Name()}, the input {input}; expected one type.");
        }

        return type switch
        {
            ElementType.String => (KeyIndex.Of(input, texts, lastWins: false), texts.Length),
            ElementType.Int64 => (KeyIndex.Of(input, longs, lastWins: false), longs.Length),
            _ => (KeyIndex.Of(input, floats, missing), floats.Length),
        };
    }

    private static (string Name, int Count) Values(OnnxNode node, EdgeGraphBuilder builder)
    {
        foreach (var (name, attribute) in node.Attributes)
        {
            switch (name)
            {
                case "values_strings": return (name, attribute.Texts?.Length ?? 0);
                case "values_int64s": return (name, attribute.Ints?.Length ?? 0);
                case "values_floats": return (name, attribute.Floats?.Length ?? 0);
                case "values_tensor" when attribute.Tensor is { } tensor:
                    return (name, Count(tensor));
            }
        }

        throw builder.Unsupported(node, "no values", "values_strings, values_int64s, values_floats or values_tensor");
    }

    private static IEdgeOperator Output(OnnxNode node, EdgeGraphBuilder builder, EdgeValue input, KeyIndex keys, string name)
    {
        var tensor = name == "values_tensor" ? Tensor(node, name)! : null;
        var type = tensor?.Type ?? name switch
        {
            "values_strings" => ElementType.String,
            "values_int64s" => ElementType.Int64,
            _ => ElementType.Float32,
        };
        var other = Tensor(node, "default_tensor");
        if (other is not null && (other.Type != type || Count(other) != 1))
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: default_tensor is {other}; expected one {type.Name()}.");
        }

        var output = builder.Output(node, 0, type, input.Row);
        switch (type)
        {
            case ElementType.String:
                return new TextLabelOperator(keys, tensor is null ? node.Texts(name) : [.. tensor.Texts], other?.Texts[0] ?? node.Text("default_string", Unused), output);
            case ElementType.Int64:
                return new LabelOperator<long>(keys, tensor?.Ints() ?? node.Ints(name), other?.Ints()[0] ?? node.Int("default_int64", -1), output);
            case ElementType.Float32:
                return new LabelOperator<float>(keys, tensor?.Floats() ?? node.Floats(name), other?.Floats()[0] ?? node.Float("default_float", -0f), output);
            case ElementType.Float64:
                return new LabelOperator<double>(keys, tensor!.Doubles(), other?.Doubles()[0] ?? node.Float("default_float", -0f), output);
            case ElementType.Int32:
                return new LabelOperator<int>(keys, MemoryMarshal.Cast<byte, int>(tensor!.Data.Span).ToArray(), other is null ? -1 : MemoryMarshal.Cast<byte, int>(other.Data.Span)[0], output);
            default:
                throw builder.Unsupported(node, $"the attribute '{name}' of {type.Name()}", "string, int64, int32, float32 or float64");
        }
    }

    private static OnnxTensor? Tensor(OnnxNode node, string name) => node.Attributes.TryGetValue(name, out var attribute)
        ? attribute.Tensor ?? throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: the attribute '{name}' is no tensor.")
        : null;

    private static int Count(OnnxTensor tensor) => tensor.Type == ElementType.String ? tensor.Texts.Count : tensor.Data.Length / Math.Max(1, tensor.Type.SizeBytes());
}
