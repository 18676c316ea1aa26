using Microsoft.ML.OnnxRuntime;

namespace Mlp.Edge.Tests.Models;

/// <summary>The oracle: ONNX Runtime, one thread.</summary>
internal sealed class Ort : IDisposable
{
    private readonly InferenceSession _session;

    public Ort(byte[] model)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        _session = new InferenceSession(model, options);
    }

    public void Dispose() => _session.Dispose();

    public float[] Floats(float[] rows, int width, string output) => Run<float, float>(rows, width, output);

    public long[] Longs(float[] rows, int width, string output) => Run<float, long>(rows, width, output);

    public TOut[] Run<TIn, TOut>(TIn[] rows, int width, string output)
        where TIn : unmanaged
        where TOut : unmanaged
    {
        using var input = OrtValue.CreateTensorValueFromMemory(rows, [rows.Length / width, width]);
        using var run = new RunOptions();
        using var results = _session.Run(run, _session.InputNames, [input], [output]);
        return results[0].GetTensorDataAsSpan<TOut>().ToArray();
    }

    public string[] Texts(float[] rows, int width, string output)
    {
        using var input = OrtValue.CreateTensorValueFromMemory(rows, [rows.Length / width, width]);
        using var run = new RunOptions();
        using var results = _session.Run(run, _session.InputNames, [input], [output]);
        return results[0].GetStringTensorAsArray();
    }
}
