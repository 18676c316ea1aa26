using System.Numerics;

namespace Mlp.Inference;

/// <summary>
/// The batch sizes that are bound and warmed: all up to 16, above that eight for each doubling, so that at most a ninth of a
/// run is padding and a new size never surprises the runtime.
/// </summary>
internal static class OnnxBatchSizes
{
    public static IReadOnlyList<int> UpTo(int rowsMax)
    {
        var sizes = new List<int>();
        for (var size = 1; size < rowsMax; size += Step(size))
        {
            sizes.Add(size);
        }

        sizes.Add(rowsMax);
        return sizes;
    }

    private static int Step(int size) => Math.Max(1, (int)BitOperations.RoundUpToPowerOf2((uint)size + 1) / 16);
}
