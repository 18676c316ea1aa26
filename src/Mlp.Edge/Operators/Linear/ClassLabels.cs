using Mlp.Core;

namespace Mlp.Edge;

/// <summary>A classifier's labels, whole numbers or texts, and the output that has one of them a row.</summary>
internal sealed class ClassLabels
{
    private readonly long[] _numbers;
    private readonly EdgeValue _output;

    private ClassLabels(long[] numbers, EdgeValue output)
    {
        _numbers = numbers;
        _output = output;
    }

    public int Count => _numbers.Length;

    /// <summary>Reads the attributes <c>classlabels_strings</c> or <paramref name="ints"/> and makes the node's first output.</summary>
    public static ClassLabels Read(OnnxNode node, EdgeGraphBuilder builder, string ints = "classlabels_ints")
    {
        string[] texts = node.Texts("classlabels_strings");
        long[] numbers = node.Ints(ints);
        if ((texts.Length == 0) == (numbers.Length == 0) || texts.Length == 1 || numbers.Length == 1)
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: {texts.Length} classlabels_strings and {numbers.Length} {ints}; expected one of the two, of at least 2.");
        }

        if (texts.Length == 0)
        {
            return new ClassLabels(numbers, builder.Output(node, 0, ElementType.Int64, []));
        }

        numbers = new long[texts.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = i;
        }

        return new ClassLabels(numbers, builder.Output(node, 0, ElementType.String, [], texts));
    }

    /// <summary>Where the rows' labels are written, each by <see cref="Of"/>.</summary>
    public Span<long> Rows(in EdgeFrame frame) => frame.Longs(_output);

    public long Of(int index) => _numbers[index];
}
