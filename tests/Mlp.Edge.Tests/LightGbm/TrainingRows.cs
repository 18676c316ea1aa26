namespace Mlp.Edge.Tests.LightGbm;

/// <summary>Rows to train on: numbers near and far, many zeros, missing values, and two columns of categories. The same for the same seed.</summary>
internal sealed class TrainingRows
{
    public const int Columns = 7;
    public const int FirstCategory = 5;

    private TrainingRows(double[] rows, double[] signal, Random random)
    {
        Rows = rows;
        Signal = signal;
        Noise = [.. signal.Select(_ => random.NextDouble() - 0.5)];
    }

    public double[] Rows { get; }

    public int Count => Signal.Length;

    private double[] Signal { get; }

    private double[] Noise { get; }

    public static TrainingRows Make(int seed, int count)
    {
        var random = new Random(seed);
        var rows = new double[count * Columns];
        var signal = new double[count];
        for (var r = 0; r < count; r++)
        {
            var row = rows.AsSpan(r * Columns, Columns);
            row[0] = random.NextDouble() - 0.5;
            row[1] = random.Next(4) switch { 0 => double.NaN, 1 => 0, _ => (random.NextDouble() * 4) - 2 };
            row[2] = random.Next(6);
            row[3] = Math.Exp(8 * random.NextDouble()) * (random.Next(2) == 0 ? 1 : -1);
            row[4] = random.Next(3) == 0 ? 0 : random.NextSingle();
            row[5] = random.Next(10) == 0 ? double.NaN : random.Next(90);
            row[6] = random.Next(3);
            signal[r] = row[0] + (double.IsNaN(row[1]) ? 1.2 : row[1] == 0 ? -0.7 : row[1] / 2) + (row[2] == 3 ? 1 : 0) + Math.Sin(row[3]) + (double.IsNaN(row[5]) ? 0.5 : row[5] % 7 / 7) - (row[6] == 1 ? row[4] : 0);
        }

        return new TrainingRows(rows, signal, random);
    }

    /// <summary>Rows no model has seen: the training rows' kinds of values, and infinities, zeros of all kinds, categories that are none.</summary>
    public static double[] MakeUnseen(int seed, int count)
    {
        double[] odd =
        [
            0, -0.0, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e-36, -1e-36, 1e-35f, -1e-35f, 1.1e-35, double.Epsilon, float.Epsilon,
            1, 2, 2.7, -0.7, -1, 63, 64, 89, 90, 128, 3e9, -3e9, 1e300, -1e300,
        ];
        var random = new Random(seed + 1000);
        var rows = Make(seed + 2000, count).Rows;
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = random.Next(5) == 0 ? odd[random.Next(odd.Length)] : rows[i];
        }

        return rows;
    }

    /// <summary>Labels as an objective wants them.</summary>
    public float[] Labels(string objective) => [.. Signal.Select((s, i) => Label(objective, s + Noise[i]))];

    private static float Label(string objective, double x) => objective switch
    {
        "binary" => x > 0.5 ? 1 : 0,
        "multiclass" or "multiclassova" => x < 0 ? 0 : x < 0.9 ? 1 : 2,
        "cross_entropy" or "cross_entropy_lambda" => (float)(1 / (1 + Math.Exp(-x))),
        "poisson" => (float)Math.Floor(Math.Exp(x)),
        "gamma" or "tweedie" or "mape" => (float)Math.Exp(x) + 0.01f,
        "lambdarank" or "rank_xendcg" => (float)Math.Clamp(Math.Floor(x + 1), 0, 3),
        _ => (float)x,
    };
}
