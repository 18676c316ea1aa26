using Mlp.Core;

namespace Mlp.Edge.Tests.Models;

/// <summary>Rows of every type from a seed: few distinct values, so that keys, ties and zeros are met.</summary>
internal static class RandomColumns
{
    public static readonly string[] Words = ["red", "green", "blue", "", "Blau", "größe", "a long word that is none of the keys"];

    public static float[] Floats(int seed, int count, bool special = false) => Many(seed, count, random => special && random.Next(8) == 0
        ? (float[])[float.NaN, 0, -0f, float.PositiveInfinity, float.NegativeInfinity] is var all ? all[random.Next(all.Length)] : 0
        : random.Next(3) == 0 ? random.Next(-3, 4) : (float)((random.NextDouble() * 6) - 3));

    public static double[] Doubles(int seed, int count, bool special = false) => Many(seed, count, random => special && random.Next(8) == 0
        ? (double[])[double.NaN, 0, -0.0, double.PositiveInfinity, double.NegativeInfinity] is var all ? all[random.Next(all.Length)] : 0
        : random.Next(3) == 0 ? random.Next(-3, 4) : (random.NextDouble() * 6) - 3);

    public static long[] Longs(int seed, int count) => Many(seed, count, static random => (long)random.Next(-4, 5));

    public static int[] Ints(int seed, int count) => Many(seed, count, static random => random.Next(-4, 5));

    public static bool[] Bools(int seed, int count) => Many(seed, count, static random => random.Next(2) == 0);

    public static string[] Texts(int seed, int count) => Many(seed, count, static random => Words[random.Next(Words.Length)]);

    public static Array Of(ElementType type, int seed, int count, bool special = false) => type switch
    {
        ElementType.Float32 => Floats(seed, count, special),
        ElementType.Float64 => Doubles(seed, count, special),
        ElementType.Int64 => Longs(seed, count),
        ElementType.Int32 => Ints(seed, count),
        ElementType.Bool => Bools(seed, count),
        _ => Texts(seed, count),
    };

    /// <summary>A constant of the same values.</summary>
    public static OnnxTensor Tensor(ElementType type, int seed, params long[] shape)
    {
        var count = shape.Aggregate(1L, static (product, d) => product * d);
        return Of(type, seed, (int)count) switch
        {
            float[] values => OnnxTensor.Of(values, shape),
            double[] values => OnnxTensor.Of(values, shape),
            long[] values => OnnxTensor.Of(values, shape),
            int[] values => OnnxTensors.Of(values, shape),
            bool[] values => OnnxTensors.Of(values, shape),
            var values => OnnxTensor.Of((string[])values, shape),
        };
    }

    private static T[] Many<T>(int seed, int count, Func<Random, T> of)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => of(random))];
    }
}
