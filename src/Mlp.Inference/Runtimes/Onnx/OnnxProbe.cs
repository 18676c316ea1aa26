using Microsoft.ML.OnnxRuntime;
using Mlp.Core;

namespace Mlp.Inference;

/// <summary>Tries settings with a model of one operator: what fails then is not the model.</summary>
internal static class OnnxProbe
{
    private static readonly byte[] Model = Identity();

    /// <summary>Why no session starts; null where one does.</summary>
    /// <param name="set">Makes the settings what is to be tried.</param>
    public static string? Start(Action<SessionOptions> set)
    {
        try
        {
            // What fails is told by the exception alone.
            using var settings = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            set(settings);
            using var session = new InferenceSession(Model, settings);
            return null;
        }
        catch (OnnxRuntimeException e)
        {
            return e.Message;
        }
    }

    private static byte[] Identity()
    {
        var (x, y) = (new TensorSpec("x", ElementType.Float32, TensorDimension.Fixed(1)), new TensorSpec("y", ElementType.Float32, TensorDimension.Fixed(1)));
        return new OnnxModel
        {
            Opsets = new Dictionary<string, long> { [""] = 17 },
            Graph = new OnnxGraph
            {
                Nodes = [new OnnxNode { OpType = "Identity", Inputs = ["x"], Outputs = ["y"] }],
                Inputs = [new OnnxValueInfo("x", x)],
                Outputs = [new OnnxValueInfo("y", y)],
            },
        }.Write();
    }
}
