using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Mlp.Benchmarks;

/// <summary>XGBoost in a Python process of its own: a line in for so many predictions of all rows, a line out when they are done.</summary>
/// <remarks>Debian's package python3-xgboost has it. The lines cost microseconds, a turn of predictions tens of milliseconds.</remarks>
internal sealed class XgboostPeer : IDisposable
{
    /// <summary>Its settings, for people.</summary>
    public const string Settings = "XGBoost by inplace_predict on a NumPy array, nthread 1, without validation of names";

    private const string Python = "/usr/bin/python3";

    private const string Script = """
        import sys
        import numpy, xgboost
        booster = xgboost.Booster({"nthread": 1})
        booster.load_model(sys.argv[1])
        booster.set_param({"nthread": 1})
        rows = numpy.fromfile(sys.argv[2], dtype=numpy.float32).reshape(-1, int(sys.argv[3]))
        print(xgboost.__version__, flush=True)
        for line in sys.stdin:
            for _ in range(int(line)):
                answers = booster.inplace_predict(rows, validate_features=False)
            answers.astype(numpy.float32).tofile(sys.argv[4])
            print("done", flush=True)
        """;

    private readonly string _folder;
    private readonly Process _process;

    private XgboostPeer(string folder, Process process, string version)
    {
        _folder = folder;
        _process = process;
        Version = version;
    }

    /// <summary>XGBoost's version.</summary>
    public string Version { get; }

    /// <summary>Starts it on a model and rows; null where it is not installed.</summary>
    public static XgboostPeer? TryStart(BoostedTrees model, float[] rows)
    {
        if (!File.Exists(Python))
        {
            return null;
        }

        var folder = Directory.CreateTempSubdirectory("mlp-bench-xgboost-").FullName;
        model.WriteXgboost(Path.Combine(folder, "model.json"));
        File.WriteAllText(Path.Combine(folder, "peer.py"), Script);
        File.WriteAllBytes(Path.Combine(folder, "rows"), MemoryMarshal.AsBytes(rows.AsSpan()));
        var start = new ProcessStartInfo(Python) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["peer.py", "model.json", "rows", BoostedTrees.RowElements.ToString(CultureInfo.InvariantCulture), "answers"])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["OMP_NUM_THREADS"] = "1";
        var process = Process.Start(start)!;
        if (process.StandardOutput.ReadLine() is { } version)
        {
            return new XgboostPeer(folder, process, version);
        }

        // The last line of Python's trace says what was not found.
        var error = process.StandardError.ReadToEnd();
        process.Dispose();
        Directory.Delete(folder, recursive: true);
        return error.Contains("ModuleNotFoundError", StringComparison.Ordinal) ? null : throw new InvalidOperationException($"XGBoost did not start: {error}");
    }

    /// <summary>Predicts all rows so many times.</summary>
    public void Run(int times)
    {
        _process.StandardInput.WriteLine(times);
        if (_process.StandardOutput.ReadLine() != "done")
        {
            throw new InvalidOperationException($"XGBoost stopped: {_process.StandardError.ReadToEnd()}");
        }
    }

    /// <summary>The last run's probabilities.</summary>
    public float[] Answers() => MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(_folder, "answers"))).ToArray();

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit(5000);
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
