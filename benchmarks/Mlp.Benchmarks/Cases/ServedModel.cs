using Mlp.Core;
using Mlp.Inference;

namespace Mlp.Benchmarks;

/// <summary>A model with rows, the answers that they should get, and itself in a host, as a user has it.</summary>
internal sealed class ServedModel : IDisposable
{
    /// <summary>Callers at once, each waiting for its one row.</summary>
    public const int Callers = 64;

    /// <summary>Rows that each caller sends by turns: not always the same one, which caches and branch predictors would know by heart.</summary>
    public const int Turns = 8;

    /// <summary>Rows that there are.</summary>
    public const int RowsMax = Callers * Turns;

    private const float LargestDifference = 1e-4f;

    private readonly string _folder = Directory.CreateTempSubdirectory("mlp-bench-").FullName;
    private readonly ModelHost _host = new();

    public ServedModel(byte[] onnx, Func<int, float[]> rows, HostedModelOptions options)
    {
        Onnx = onnx;
        Rows = rows(RowsMax);
        var signature = OnnxModel.Read(onnx).Signature();
        var package = new PackageBuilder().Add("model.onnx", onnx).Write(Path.Combine(_folder, "model"), new PackageManifest { Name = "bench", Signature = signature });
        var output = signature.Outputs[Enumerable.Range(0, signature.Outputs.Length).Last(i => signature.Outputs[i].Type == ElementType.Float32)].Name;
        Model = _host.LoadAsync(package, options with { Output = output }).GetAwaiter().GetResult();
        using var truth = new RawOrt(this, OrtSetting.OneRow);
        Expected = truth.Answers();
    }

    public byte[] Onnx { get; }

    public HostedModel Model { get; }

    public float[] Rows { get; }

    /// <summary>The last element of each row's answer, by ONNX Runtime.</summary>
    public float[] Expected { get; }

    public ReadOnlySpan<float> Row(int index) => Rows.AsSpan(index * Model.RowElements, Model.RowElements);

    /// <summary>All callers ask, together so many times.</summary>
    public void Ask(int times)
    {
        var each = (times + Callers - 1) / Callers;
        var callers = new Task[Callers];
        for (var c = 0; c < Callers; c++)
        {
            var caller = c;
            callers[c] = Task.Run(() => AskAsync(caller, each));
        }

        Task.WhenAll(callers).GetAwaiter().GetResult();
    }

    /// <summary>One caller asks so many times, one row after another.</summary>
    public async Task AskAsync(int caller, int times)
    {
        var output = new float[Model.OutputElements];
        for (var i = 0; i < times; i++)
        {
            var row = (i % Turns * Callers) + caller;
            await Model.PredictAsync(Row(row), output).ConfigureAwait(false);
            Check(row, output[^1]);
        }
    }

    public void Check(int row, float answer)
    {
        if (!(MathF.Abs(answer - Expected[row]) <= LargestDifference * MathF.Max(1, MathF.Abs(Expected[row]))))
        {
            throw new WrongAnswerException($"row {row}: {answer}, expected {Expected[row]}.");
        }
    }

    public void Dispose()
    {
        _host.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Directory.Delete(_folder, recursive: true);
    }
}
