using System.IO.Compression;
using System.Runtime.InteropServices;
using Mlp.Core;

namespace Mlp.Edge.Tests.Oracle;

/// <summary>A model that XGBoost trained, some rows, and what XGBoost answers: one case of make_xgboost.py's archive.</summary>
internal sealed class XgboostCase
{
    private readonly Dictionary<string, byte[]> _files;

    private XgboostCase(string name, Dictionary<string, byte[]> files)
    {
        Name = name;
        _files = files;
    }

    public static IReadOnlyDictionary<string, XgboostCase> All { get; } = Read(Checkout.At("tests", "Mlp.Edge.Tests", "Oracle", "xgboost.zip"));

    public string Name { get; }

    public byte[] Json => _files["model.json"];

    public byte[] Ubj => _files["model.ubj"];

    public float[] Rows => Elements<float>("rows.f32");

    public bool HasBest => _files.ContainsKey("best-margins.f32");

    public static IReadOnlyDictionary<string, XgboostCase> Read(string archive)
    {
        using var zip = ZipFile.OpenRead(archive);
        var cases = new SortedDictionary<string, XgboostCase>(StringComparer.Ordinal);
        foreach (var entry in zip.Entries)
        {
            if (entry.FullName.Split('/') is not [var name, var file])
            {
                continue;
            }

            if (!cases.TryGetValue(name, out var found))
            {
                cases[name] = found = new XgboostCase(name, []);
            }

            using var stream = entry.Open();
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            found._files[file] = bytes.ToArray();
        }

        return cases;
    }

    public float[] Margins(XgboostTrees trees) => Elements<float>(Prefix(trees) + "margins.f32");

    public float[] Predictions(XgboostTrees trees) => Elements<float>(Prefix(trees) + "predictions.f32");

    public int[] Leaves(XgboostTrees trees) => Elements<int>(Prefix(trees) + "leaves.i32");

    public override string ToString() => Name;

    private string Prefix(XgboostTrees trees) => trees == XgboostTrees.Best && HasBest ? "best-" : "all-";

    private T[] Elements<T>(string file)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(_files[file]).ToArray();
}
