using Mlp.Core;

namespace Mlp.Inference;

/// <summary>Finds an input or an output by its name.</summary>
internal static class SpecNames
{
    /// <returns>-1 where there is none.</returns>
    public static int IndexOf(ReadOnlySpan<TensorSpec> specs, string name)
    {
        for (var i = 0; i < specs.Length; i++)
        {
            if (specs[i].Name == name)
            {
                return i;
            }
        }

        return -1;
    }
}
