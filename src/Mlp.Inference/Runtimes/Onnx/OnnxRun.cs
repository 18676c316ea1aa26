using Microsoft.ML.OnnxRuntime;

namespace Mlp.Inference;

/// <summary>The options of one session's runs, and the flag that ends one early: ONNX Runtime looks at it between two operators.</summary>
internal sealed class OnnxRun : IDisposable
{
    // What fails comes as an exception; the runtime need not say it a second time to the program's error output.
    private readonly RunOptions _options = new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
    private volatile bool _isCanceled;

    /// <summary>The options of every run.</summary>
    public RunOptions Options => _options;

    public void Reset()
    {
        if (_isCanceled)
        {
            _isCanceled = false;
            _options.Terminate = false;
        }
    }

    public void Cancel()
    {
        _isCanceled = true;
        _options.Terminate = true;
    }

    public void Dispose() => _options.Dispose();
}
