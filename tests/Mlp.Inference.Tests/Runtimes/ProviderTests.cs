using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Runtimes;

public class ProviderTests
{
    [Theory]
    [InlineData(OnnxProvider.Cuda, "CUDAExecutionProvider")]
    [InlineData(OnnxProvider.TensorRt, "TensorrtExecutionProvider")]
    public void A_provider_that_is_not_there_is_an_error_that_names_the_package_and_a_fallback_is_a_choice(OnnxProvider provider, string name)
    {
        if (Microsoft.ML.OnnxRuntime.OrtEnv.Instance().GetAvailableProviders().Contains(name))
        {
            Assert.Skip($"The native library here has {name}.");
        }

        var file = TestModels.File(TestModels.Adds(2, 1));
        var options = new OnnxRuntimeOptions { Provider = provider };
        var error = Assert.Throws<MlpException>(() => RuntimeChoice.OnnxRuntimeWith(options).Prepare(file, new PrepareOptions()));
        Assert.Equal(InferenceErrors.RuntimeMissing, error.Code);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Contains("Microsoft.ML.OnnxRuntime.Gpu", error.Message, StringComparison.Ordinal);

        using var model = RuntimeChoice.OnnxRuntimeWith(options with { Fallback = OnnxFallback.Cpu }).Prepare(file, new PrepareOptions());
        Assert.Contains("Fallback", model.Reason, StringComparison.Ordinal);
        Assert.Equal("ONNX Runtime", model.Runtime);
        using var memory = model.CreateMemory(1);
        using var session = model.CreateSession(1);
        memory.InputRows(0, 0, 1).Fill(2);
        session.Run(memory, 1);
        Assert.Equal(3, BitConverter.ToSingle(memory.OutputRows(0, 0, 1)));
    }

    [Fact]
    public void Options_that_mean_nothing_are_refused()
    {
        Assert.Throws<ArgumentException>(() => RuntimeChoice.OnnxRuntimeWith(new OnnxRuntimeOptions { ProviderOptions = new Dictionary<string, string> { ["device_id"] = "0" } }));
        Assert.Throws<ArgumentOutOfRangeException>(() => RuntimeChoice.OnnxRuntimeWith(new OnnxRuntimeOptions { Provider = (OnnxProvider)9 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => RuntimeChoice.OnnxRuntimeWith(new OnnxRuntimeOptions { IntraOpThreads = 0 }));
    }
}
