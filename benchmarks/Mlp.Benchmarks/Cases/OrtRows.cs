using Microsoft.ML.OnnxRuntime;
using Mlp.Core;

namespace Mlp.Benchmarks;

/// <summary>ONNX Runtime as it is fastest for rows: one thread, memory bound once, read and written in place.</summary>
internal sealed class OrtRows : IDisposable
{
    /// <summary>Its settings, for people.</summary>
    public const string Settings = "ONNX Runtime with all graph optimisations, no spinning, tensors over pinned memory bound once, only what is compared asked for";

    private readonly SessionOptions _options = new()
    {
        IntraOpNumThreads = 1,
        InterOpNumThreads = 1,
        ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
        GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
    };

    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly OrtIoBinding _binding;
    private readonly OrtValue _input;
    private readonly OrtValue _output;

    /// <summary>Loads a model of one input.</summary>
    /// <param name="onnx">The file.</param>
    /// <param name="signature">Its signature.</param>
    /// <param name="output">The only output that is asked for.</param>
    /// <param name="rows">Rows of a run.</param>
    public OrtRows(byte[] onnx, ModelSignature signature, int output, int rows)
    {
        int width = signature.Inputs[0].RowElements, outputs = signature.Outputs[output].RowElements;
        _options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        _session = new InferenceSession(onnx, _options);
        Input = AlignedMemory.Allocate<float>(rows * width);
        Output = AlignedMemory.Allocate<float>(rows * outputs);
        _input = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, Input, [rows, width]);
        _output = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, Output, [rows, outputs]);
        _binding = _session.CreateIoBinding();
        _binding.BindInput(signature.Inputs[0].Name, _input);
        _binding.BindOutput(signature.Outputs[output].Name, _output);
    }

    /// <summary>The name and version of the peer.</summary>
    public static string Peer => $"onnxruntime {OrtEnv.Instance().GetVersionString()}";

    public Memory<float> Input { get; }

    public Memory<float> Output { get; }

    public void Run() => _session.RunWithBinding(_run, _binding);

    public void Dispose()
    {
        _binding.Dispose();
        _input.Dispose();
        _output.Dispose();
        _run.Dispose();
        _session.Dispose();
        _options.Dispose();
    }
}
