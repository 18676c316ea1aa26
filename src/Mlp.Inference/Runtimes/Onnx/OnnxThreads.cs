using Microsoft.ML.OnnxRuntime;

namespace Mlp.Inference;

/// <summary>
/// The pool of threads that all sessions of the process share which run on more than one. ONNX Runtime takes it together with its environment, which
/// a process has one of: whoever uses ONNX Runtime first decides, and a program that did so before has its sessions take threads of their own.
/// </summary>
internal static class OnnxThreads
{
    private static readonly Lock Gate = new();
    private static bool _hasBegun;
    private static int _shared;
    private static string _whyOwn = "";

    /// <summary>Makes ONNX Runtime's environment with the pool, if there is none yet. Every load calls it; the first one counts.</summary>
    /// <param name="threads">Size of the pool; 0 for one a core, 1 for none.</param>
    public static void Begin(int threads)
    {
        lock (Gate)
        {
            if (!_hasBegun)
            {
                _whyOwn = Make(threads == 0 ? Environment.ProcessorCount : threads);
                _hasBegun = true;
            }
        }
    }

    /// <summary>Gives a session's settings their threads.</summary>
    /// <returns>Which ones, for people.</returns>
    public static string Give(SessionOptions settings, int threads)
    {
        if (threads == 1)
        {
            // Its caller's thread alone: nothing to share.
            settings.IntraOpNumThreads = 1;
            return "";
        }

        lock (Gate)
        {
            if (_shared > 1)
            {
                settings.DisablePerSessionThreads();
                return $" It shares the process's pool of {_shared} threads.";
            }

            settings.IntraOpNumThreads = threads;
            return $" It has {threads} threads of its own: {_whyOwn}";
        }
    }

    private static string Make(int threads)
    {
        if (threads == 1)
        {
            return "the process's pool was left out.";
        }

        if (OrtEnv.IsCreated)
        {
            return "the program used ONNX Runtime before, and its environment (OrtEnv) has no pool of this library's.";
        }

        using var pool = new OrtThreadingOptions { GlobalIntraOpNumThreads = threads, GlobalInterOpNumThreads = 1, GlobalSpinControl = false };
        var options = new EnvironmentCreationOptions { threadOptions = pool };
        try
        {
            OrtEnv.CreateInstanceWithOptions(ref options);
        }
        catch (OnnxRuntimeException e) when (OrtEnv.IsCreated)
        {
            // Another thread of the program was faster.
            return e.Message;
        }

        // Native code of the program may have made the environment, without a pool; that only shows when a session asks for it.
        if (OnnxProbe.Start(static settings => settings.DisablePerSessionThreads()) is { } why)
        {
            return why;
        }

        _shared = threads;
        return "";
    }
}
