using System.Globalization;

namespace Mlp.Edge.Tests.LightGbm;

/// <summary>A model that LightGBM wrote, kept beside the tests, with what LightGBM answers to some rows: a line is a row, its raw scores, its predictions and its leaves.</summary>
internal sealed record LightGbmFile(byte[] Text, double[] Rows, double[] Raw, double[] Predictions, double[] Leaves)
{
    private static readonly string Folder = Checkout.At("tests", "Mlp.Edge.Tests", "LightGbm", "Models");

    public static IEnumerable<string> Names { get; } = [.. Directory.EnumerateFiles(Folder, "*.model.txt").Select(path => Path.GetFileName(path)[..^".model.txt".Length]).Order(StringComparer.Ordinal)];

    public static LightGbmFile Open(string name)
    {
        var columns = new List<double>[4];
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = [];
        }

        foreach (var line in File.ReadLines(Path.Combine(Folder, $"{name}.expected.txt")))
        {
            var parts = line.Split('|');
            for (var i = 0; i < columns.Length; i++)
            {
                columns[i].AddRange(parts[i].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(x => double.Parse(x, CultureInfo.InvariantCulture)));
            }
        }

        return new LightGbmFile(File.ReadAllBytes(Path.Combine(Folder, $"{name}.model.txt")), [.. columns[0]], [.. columns[1]], [.. columns[2]], [.. columns[3]]);
    }
}
