using Microsoft.ML;
using Microsoft.ML.Data;

namespace Mlp.MLNet.Tests;

/// <summary>A row to train on: a part of the numbers is missing, and columns from <see cref="FirstSlot"/> on are two one-hot vectors.</summary>
internal sealed class TrainedRow
{
    public const int FirstSlot = 5;
    public const int Categories = 12;
    public const int OtherCategories = 6;
    public const int Columns = FirstSlot + Categories + OtherCategories;

    [VectorType(Columns)]
    public float[] Features { get; set; } = [];

    /// <summary>The columns that are no one-hot vectors, and what those stand for: what an encoder makes features of.</summary>
    [VectorType(FirstSlot)]
    public float[] Numbers { get; set; } = [];

    public string Category { get; set; } = "";

    public string Other { get; set; } = "";

    public bool Label { get; set; }

    public float Target { get; set; }

    [KeyType(3)]
    public uint Class { get; set; }

    [KeyType(100_000)]
    public uint Group { get; set; }

    public float Relevance { get; set; }

    public static TrainedRow[] Make(int seed, int count, bool missing = true)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var features = new float[Columns];
            features[0] = random.NextSingle();
            features[1] = missing && random.Next(3) == 0 ? float.NaN : random.NextSingle();
            features[2] = random.Next(4);
            features[3] = (float)Math.Exp(8 * random.NextDouble());
            features[4] = 7; // a column that says nothing
            var category = random.Next(Categories);
            var other = random.Next(OtherCategories);
            features[FirstSlot + category] = 1;
            features[FirstSlot + Categories + other] = 1;
            var signal = features[0] + (float.IsNaN(features[1]) ? 0.8f : features[1]) + (features[2] / 4) + (category % 3 / 2f) + (other is 1 or 4 ? 0.6f : 0) + (random.NextSingle() / 2);
            return new TrainedRow
            {
                Features = features,
                Numbers = features[..FirstSlot],
                Category = $"c{category}",
                Other = $"o{other}",
                Label = signal > 2.2,
                Target = signal * 10,
                Class = signal < 1.8 ? 1u : signal < 2.6 ? 2u : 3u,
                Group = (uint)(i / 20) + 1,
                Relevance = Math.Clamp(MathF.Floor(signal), 0, 3),
            };
        })];
    }

    /// <summary>Rows no model has seen, some of which no encoder would give: two categories at once, none, and values that are no 0 or 1.</summary>
    public static TrainedRow[] MakeUnseen(int seed, int count)
    {
        var random = new Random(seed);
        var rows = Make(seed, count);
        foreach (var row in rows)
        {
            float[] odd = [float.NaN, 0, -0f, 1, 2, -1, 0.5f, float.PositiveInfinity, float.NegativeInfinity, float.Epsilon];
            for (var i = 0; i < Columns; i++)
            {
                if (random.Next(12) == 0)
                {
                    row.Features[i] = odd[random.Next(odd.Length)];
                }
            }
        }

        return rows;
    }

    public static float[] Flat(TrainedRow[] rows) => [.. rows.SelectMany(row => row.Features)];
}
