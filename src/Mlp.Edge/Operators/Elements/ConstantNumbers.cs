using System.Runtime.InteropServices;
using Mlp.Core;

namespace Mlp.Edge;

/// <summary>Constants that are read at load: axes, shapes, bounds, exponents.</summary>
internal static class ConstantNumbers
{
    /// <summary>Whole numbers of a constant input, or of the attribute that older operator sets have in its place; null where there is neither.</summary>
    public static long[]? Ints(OnnxNode node, EdgeGraphBuilder builder, int input, string attribute)
    {
        if (!EdgeGraphBuilder.Has(node, input))
        {
            return node.Attributes.ContainsKey(attribute) ? node.Ints(attribute) : null;
        }

        return builder.ConstantOf(node, input) switch
        {
            { Type: ElementType.Int64 } longs => longs.Ints(),
            { Type: ElementType.Int32 } ints => Array.ConvertAll(MemoryMarshal.Cast<byte, int>(ints.Data.Span).ToArray(), static value => (long)value),
            { } other => throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: '{attribute}' is {other}; expected int64."),
            null => throw builder.Unsupported(node, $"an input '{attribute}' that is no constant", "a constant"),
        };
    }

    /// <summary>Numbers of a constant input, each exact or nearest in double.</summary>
    public static double[] Doubles(OnnxNode node, EdgeGraphBuilder builder, int input) => builder.ConstantOf(node, input) switch
    {
        { Type: ElementType.Int64 } longs => Array.ConvertAll(longs.Ints(), static value => (double)value),
        { Type: ElementType.Int32 } ints => Array.ConvertAll(MemoryMarshal.Cast<byte, int>(ints.Data.Span).ToArray(), static value => (double)value),
        { } floats => floats.Doubles(),
        null => throw builder.Unsupported(node, $"an input {input} that is no constant", "a constant"),
    };
}
