namespace Mlp.Benchmarks;

/// <summary>What full runs wrote: artifacts/bench/NAME.json, a figure a line.</summary>
internal static class ResultFiles
{
    public static void Write(string folder, string name, IEnumerable<Figure> figures)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $"{name}.json");
        File.WriteAllLines(path + ".tmp", figures.Select(f => f.ToLine()));
        File.Move(path + ".tmp", path, overwrite: true);
    }

    public static IReadOnlyList<Figure> ReadAll(string folder) => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal).SelectMany(File.ReadLines).Where(l => l.Length > 0).Select(Figure.Parse)]
        : [];
}
