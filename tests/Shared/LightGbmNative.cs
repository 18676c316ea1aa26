using System.Runtime.InteropServices;
using System.Text;

namespace Mlp.Tests;

/// <summary>LightGBM itself: its native library by its C interface. One model, trained or loaded.</summary>
internal sealed class LightGbmNative : IDisposable
{
    public const int Normal = 0;
    public const int Raw = 1;
    public const int LeafIndex = 2;

    private const string Library = "lib_lightgbm";
    private const int Float32 = 0;
    private const int Float64 = 1;
    private const int Int32 = 2;

    private static readonly string? Missing = Probe();

    private nint _booster;

    private LightGbmNative(nint booster) => _booster = booster;

    /// <summary>Skips the test on a machine that cannot load the library; in CI that is a failure.</summary>
    public static void Require()
    {
        if (Missing is not null)
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", Missing);
            Assert.Fail(Missing);
        }
    }

    /// <summary>Trains a model.</summary>
    /// <param name="rows">Row-major features.</param>
    /// <param name="labels">One a row.</param>
    /// <param name="groups">Rows of each query, for a ranking.</param>
    /// <param name="parameters">LightGBM's parameters, <c>name=value</c> with spaces between.</param>
    /// <param name="iterations">Rounds of boosting.</param>
    public static LightGbmNative Train(double[] rows, float[] labels, int[]? groups, string parameters, int iterations)
    {
        var settings = Text($"{parameters} verbosity=-1 num_threads=1 deterministic=true force_row_wise=true");
        Check(DatasetCreateFromMat(rows, Float64, labels.Length, rows.Length / labels.Length, 1, settings, 0, out var data));
        try
        {
            Check(DatasetSetFloats(data, Text("label"), labels, labels.Length, Float32));
            if (groups is not null)
            {
                Check(DatasetSetInts(data, Text("group"), groups, groups.Length, Int32));
            }

            Check(BoosterCreate(data, settings, out var booster));
            var model = new LightGbmNative(booster);
            for (var i = 0; i < iterations; i++)
            {
                Check(BoosterUpdateOneIter(booster, out _));
            }

            return model;
        }
        finally
        {
            Check(DatasetFree(data));
        }
    }

    public static LightGbmNative Load(ReadOnlySpan<byte> text)
    {
        Check(BoosterLoadModelFromString([.. text, 0], out _, out var booster));
        return new LightGbmNative(booster);
    }

    public byte[] Save()
    {
        Check(BoosterSaveModelToString(_booster, 0, -1, 0, 0, out var length, []));
        var text = new byte[length];
        Check(BoosterSaveModelToString(_booster, 0, -1, 0, length, out length, text));
        return text[..^1];
    }

    /// <summary>Predictions, raw scores or leaves of some iterations, row-major.</summary>
    public double[] Predict(double[] rows, int columns, int kind, int firstIteration = 0, int iterations = -1)
    {
        var results = Results(rows.Length / columns, kind, firstIteration, iterations);
        Check(PredictDoubles(_booster, rows, Float64, rows.Length / columns, columns, 1, kind, firstIteration, iterations, Text("num_threads=1"), out _, results));
        return results;
    }

    /// <inheritdoc cref="Predict(double[], int, int, int, int)"/>
    public double[] Predict(float[] rows, int columns, int kind)
    {
        var results = Results(rows.Length / columns, kind, 0, -1);
        Check(PredictFloats(_booster, rows, Float32, rows.Length / columns, columns, 1, kind, 0, -1, Text("num_threads=1"), out _, results));
        return results;
    }

    public void Dispose()
    {
        if (_booster != 0)
        {
            Check(BoosterFree(_booster));
            _booster = 0;
        }
    }

    private double[] Results(int rows, int kind, int firstIteration, int iterations)
    {
        Check(BoosterCalcNumPredict(_booster, rows, kind, firstIteration, iterations, out var length));
        return new double[length];
    }

    private static string? Probe()
    {
        try
        {
            _ = GetLastError();
            return null;
        }
        catch (DllNotFoundException e)
        {
            return $"LightGBM's native library cannot be loaded (Debian, Ubuntu: apt-get install libgomp1): {e.Message.Split('\n')[0]}";
        }
    }

    private static void Check(int code)
    {
        if (code != 0)
        {
            throw new InvalidOperationException($"LightGBM: {Marshal.PtrToStringUTF8(GetLastError())}");
        }
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text + '\0');

    [DllImport(Library, EntryPoint = "LGBM_GetLastError")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static extern nint GetLastError();

    [DllImport(Library, EntryPoint = "LGBM_DatasetCreateFromMat")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static extern int DatasetCreateFromMat(double[] data, int type, int rows, int columns, int isRowMajor, byte[] parameters, nint reference, out nint data_);

    [DllImport(Library, EntryPoint = "LGBM_DatasetSetField")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static extern int DatasetSetFloats(nint data, byte[] name, float[] values, int count, int type);

    [DllImport(Library, EntryPoint = "LGBM_DatasetSetField")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static extern int DatasetSetInts(nint data, byte[] name, int[] values, int count, int type);

    [DllImport(Library, EntryPoint = "LGBM_DatasetFree")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static extern int DatasetFree(nint data);

    [DllImport(Library, EntryPoint = "LGBM_BoosterCreate")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static extern int BoosterCreate(nint data, byte[] parameters, out nint booster);

    [DllImport(Library, EntryPoint = "LGBM_BoosterUpdateOneIter")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static extern int BoosterUpdateOneIter(nint booster, out int isFinished);

    [DllImport(Library, EntryPoint = "LGBM_BoosterFree")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static extern int BoosterFree(nint booster);

    [DllImport(Library, EntryPoint = "LGBM_BoosterLoadModelFromString")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static extern int BoosterLoadModelFromString(byte[] text, out int iterations, out nint booster);

    [DllImport(Library, EntryPoint = "LGBM_BoosterSaveModelToString")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static extern int BoosterSaveModelToString(nint booster, int firstIteration, int iterations, int importanceType, long capacity, out long length, byte[] text);

    [DllImport(Library, EntryPoint = "LGBM_BoosterCalcNumPredict")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static extern int BoosterCalcNumPredict(nint booster, int rows, int kind, int firstIteration, int iterations, out long length);

    [DllImport(Library, EntryPoint = "LGBM_BoosterPredictForMat")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static extern int PredictDoubles(
        nint booster, double[] rows, int type, int rowCount, int columns, int isRowMajor, int kind, int firstIteration, int iterations, byte[] parameters, out long length, double[] results);

    [DllImport(Library, EntryPoint = "LGBM_BoosterPredictForMat")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    private static extern int PredictFloats(
        nint booster, float[] rows, int type, int rowCount, int columns, int isRowMajor, int kind, int firstIteration, int iterations, byte[] parameters, out long length, double[] results);
}
