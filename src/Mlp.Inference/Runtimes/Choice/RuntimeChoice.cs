namespace Mlp.Inference;

/// <summary>The runtimes to choose from. A runtime of one's own implements <see cref="IModelRuntime"/>.</summary>
public static class RuntimeChoice
{
    /// <summary>Prepares the model for both, checks that they give the same answers, measures a few batches and takes the faster one; <see cref="IPreparedModel.Reason"/> says why.</summary>
    public static IModelRuntime Auto { get; } = new AutoRuntime(new EdgeModelRuntime(), new OnnxModelRuntime(new OnnxRuntimeOptions()));

    /// <summary>Mlp.Edge: managed code, nothing native to install, the same bits for a row in every batch.</summary>
    public static IModelRuntime Edge { get; } = new EdgeModelRuntime();

    /// <summary>ONNX Runtime on the processor; the program references the package Microsoft.ML.OnnxRuntime for its native library.</summary>
    public static IModelRuntime OnnxRuntime { get; } = new OnnxModelRuntime(new OnnxRuntimeOptions());

    /// <summary>ONNX Runtime with options.</summary>
    public static IModelRuntime OnnxRuntimeWith(OnnxRuntimeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return new OnnxModelRuntime(options);
    }
}
