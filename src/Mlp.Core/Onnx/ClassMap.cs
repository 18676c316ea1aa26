namespace Mlp.Core;

/// <summary>A classifier's <c>ZipMap</c>: for each row a map from label to score. It is no more than a tensor of scores whose columns have names.</summary>
public sealed class ClassMap
{
    internal ClassMap(OnnxNode node)
    {
        var texts = node.Texts("classlabels_strings");
        var numbers = node.Ints("classlabels_int64s");
        if (node.Inputs.Count != 1 || (texts.Length == 0) == (numbers.Length == 0))
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"{node} has {node.Inputs.Count} inputs, {texts.Length} text labels and {numbers.Length} numbers; expected one input and labels of one kind.");
        }

        HasTextLabels = texts.Length != 0;
        Labels = HasTextLabels ? texts : [.. numbers.Select(static n => n.ToString(System.Globalization.CultureInfo.InvariantCulture))];
    }

    /// <summary>The columns' labels, numbers in decimal.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Whether the model's labels are texts; else they are 64-bit integers.</summary>
    public bool HasTextLabels { get; }

    /// <summary>The tensor of scores: <c>float32[batch, labels]</c>.</summary>
    internal TensorSpec Scores(string name, List<TensorSpec> inputs)
    {
        var batch = TensorDimension.Free("batch");
        foreach (var input in inputs)
        {
            if (input.Shape.Length > 0)
            {
                batch = input.Shape[0];
                break;
            }
        }

        return new TensorSpec(name, ElementType.Float32, batch, TensorDimension.Fixed(Labels.Count));
    }
}
