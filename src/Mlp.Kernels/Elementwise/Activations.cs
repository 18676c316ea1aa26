namespace Mlp.Kernels;

/// <summary>Functions that end a model.</summary>
public static class Activations
{
    /// <summary>1 / (1 + exp(−x)), by way of |x| so that exp never overflows; NaN stays NaN. Small answers have as many digits as large ones.</summary>
    public static float Logistic(float x)
    {
        var e = MathF.Exp(-MathF.Abs(x));
        return (x < 0 ? e : 1f) / (1f + e);
    }

    /// <summary>exp(x) over the sum of exp(x), with the largest subtracted first so that nothing overflows.</summary>
    /// <param name="row">Overwritten.</param>
    public static void Softmax(Span<float> row)
    {
        var max = float.NegativeInfinity;
        foreach (var x in row)
        {
            max = MathF.Max(max, x);
        }

        var sum = 0f;
        for (var i = 0; i < row.Length; i++)
        {
            row[i] = MathF.Exp(row[i] - max);
            sum += row[i];
        }

        for (var i = 0; i < row.Length; i++)
        {
            row[i] /= sum;
        }
    }
}
