using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mlp.Core.Tests.Trainers;

/// <summary>Writes JSON as UBJ, each value in one of the ways the format allows for it, by chance.</summary>
internal sealed class UbjText(Random random)
{
    private readonly List<byte> _bytes = [];

    public static byte[] Of(JsonNode? node, Random random)
    {
        var text = new UbjText(random);
        text.Value(node);
        return [.. text._bytes];
    }

    private void Value(JsonNode? node)
    {
        switch (node)
        {
            case null:
                Add('Z');
                break;
            case JsonObject values:
                Container('{', '}', values.Count, _ =>
                {
                    foreach (var (name, value) in values)
                    {
                        Text(name);
                        Value(value);
                    }
                });
                break;
            case JsonArray values when values.Count > 0 && values.All(value => value?.GetValueKind() == JsonValueKind.Number) && random.Next(2) == 0:
                Typed(values);
                break;
            case JsonArray values:
                Container('[', ']', values.Count, counted =>
                {
                    foreach (var value in values)
                    {
                        if (!counted && random.Next(4) == 0)
                        {
                            Add('N');
                        }

                        Value(value);
                    }
                });
                break;
            default:
                Scalar(node);
                break;
        }
    }

    private void Scalar(JsonNode node)
    {
        switch (node.GetValueKind())
        {
            case JsonValueKind.True:
                Add('T');
                break;
            case JsonValueKind.False:
                Add('F');
                break;
            case JsonValueKind.String:
                Add('S');
                Text(node.GetValue<string>());
                break;
            default:
                var type = Any(node.GetValue<double>());
                Add(type);
                Number(type, node.GetValue<double>());
                break;
        }
    }

    private void Typed(JsonArray values)
    {
        var widest = values.Select(value => Types(value!.GetValue<double>())).Aggregate((a, b) => string.Concat(a.Intersect(b)));
        if (widest.Length == 0)
        {
            // Some have a fraction: floats are for all.
            widest = "dD";
        }

        var type = widest[random.Next(widest.Length)];
        Add('[');
        Add('$');
        Add(type);
        Add('#');
        Integer(values.Count);
        foreach (var value in values)
        {
            Number(type, value!.GetValue<double>());
        }
    }

    private void Container(char open, char close, int count, Action<bool> write)
    {
        var counted = random.Next(2) == 0;
        Add(open);
        if (counted)
        {
            Add('#');
            Integer(count);
        }

        write(counted);
        if (!counted)
        {
            Add(close);
        }
    }

    private void Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Integer(bytes.Length);
        _bytes.AddRange(bytes);
    }

    private void Integer(int value)
    {
        var types = string.Concat(Types(value).Where(type => type is not ('d' or 'D')));
        var type = types[random.Next(types.Length)];
        Add(type);
        Number(type, value);
    }

    private char Any(double value) => Types(value) is var types ? types[random.Next(types.Length)] : default;

    // A number with a fraction, or so large that it may be one, is a float or a double.
    private static string Types(double value) => value switch
    {
        _ when value != Math.Floor(value) => "dD",
        >= 0 and <= 127 => "iUIlL",
        >= 128 and <= 255 => "UIlL",
        >= -128 and < 0 => "iIlL",
        >= short.MinValue and <= short.MaxValue => "IlL",
        >= int.MinValue and <= int.MaxValue => "lL",
        _ => "L",
    };

    private void Number(char type, double value)
    {
        Span<byte> bytes = stackalloc byte[8];
        switch (type)
        {
            case 'd':
                BinaryPrimitives.WriteSingleBigEndian(bytes, (float)value);
                break;
            case 'D':
                BinaryPrimitives.WriteDoubleBigEndian(bytes, value);
                break;
            default:
                BinaryPrimitives.WriteInt64BigEndian(bytes, (long)value << (64 - (8 * Width(type))));
                break;
        }

        _bytes.AddRange(bytes[..Width(type)]);
    }

    private static int Width(char type) => type switch
    {
        'i' or 'U' => 1,
        'I' => 2,
        'l' or 'd' => 4,
        _ => 8,
    };

    private void Add(char marker) => _bytes.Add((byte)marker);
}
