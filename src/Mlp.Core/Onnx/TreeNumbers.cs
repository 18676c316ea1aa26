namespace Mlp.Core;

/// <summary>Numbers of a tree operator's attribute: a list of floats, or a tensor of a floating type.</summary>
/// <param name="Values">The numbers; empty where the attribute is missing.</param>
/// <param name="AreDoubles">Whether they are stated as float64.</param>
internal readonly record struct TreeNumbers(double[] Values, bool AreDoubles)
{
    /// <summary>Reads a list of floats, or the tensor of doubles that may stand in its place under the name with <c>_as_tensor</c>.</summary>
    public static TreeNumbers List(OnnxNode node, string name)
    {
        var floats = node.Floats(name);
        var tensor = Tensor(node, $"{name}_as_tensor");
        if (floats.Length != 0 && tensor.Values.Length != 0)
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: has '{name}' and '{name}_as_tensor'; expected one of them.");
        }

        return floats.Length == 0 ? tensor : new TreeNumbers(Array.ConvertAll(floats, static value => (double)value), false);
    }

    /// <summary>Reads a tensor.</summary>
    public static TreeNumbers Tensor(OnnxNode node, string name)
    {
        if (!node.Attributes.TryGetValue(name, out var attribute))
        {
            return new TreeNumbers([], false);
        }

        return attribute.Tensor is { Type: ElementType.Float16 or ElementType.Float32 or ElementType.Float64 } tensor
            ? new TreeNumbers(tensor.Doubles(), tensor.Type == ElementType.Float64)
            : throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: the attribute '{name}' is {attribute.Tensor?.ToString() ?? "no tensor"}; expected a tensor of float16, float32 or float64.");
    }

    /// <summary>A list that has to be there, with as many entries as another.</summary>
    public static T[] Required<T>(T[] values, OnnxNode node, string name, int? count = null) =>
        values.Length != 0 && (count is null || values.Length == count)
            ? values
            : throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: '{name}' has {values.Length} entries; expected {(count is null ? "at least one" : count)}.");

    /// <summary>The number of targets that an operator states.</summary>
    public static int Targets(OnnxNode node)
    {
        var targets = node.Int("n_targets", 1);
        return targets is >= 1 and <= TreeEnsembleBuilder.TargetsMax
            ? (int)targets
            : throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: 'n_targets' is {targets}; expected 1 to {TreeEnsembleBuilder.TargetsMax}.");
    }

    /// <summary>An error at a node of a tree, both as the file numbers them.</summary>
    public static MlpException Invalid(OnnxNode node, long tree, long id, string what) =>
        new(ErrorCodes.ModelInvalid, $"{node}: tree {tree}, node {id} {what}.");
}
