using Microsoft.ML.OnnxRuntime;
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
        if (OrtEnv.Instance().GetAvailableProviders().Contains(name))
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

    [Theory]
    [InlineData(OnnxFallback.None)]
    [InlineData(OnnxFallback.Cpu)]
    public void An_option_that_the_provider_does_not_take_is_an_error_of_its_own_and_nothing_takes_over(OnnxFallback fallback)
    {
        var options = new OnnxRuntimeOptions { Provider = OnnxProvider.Cuda, Fallback = fallback, ProviderOptions = new Dictionary<string, string> { ["device_id"] = "1", ["arena_extnd"] = "x" } };
        var runtime = new OnnxModelRuntime(options, Provider("device_id"), null);
        var error = Assert.Throws<MlpException>(() => runtime.Prepare(TestModels.File(TestModels.Adds(2, 1)), new PrepareOptions()));
        Assert.Equal(InferenceErrors.ProviderOptions, error.Code);
        Assert.Contains("CUDAExecutionProvider", error.Message, StringComparison.Ordinal);
        Assert.Contains("arena_extnd = x", error.Message, StringComparison.Ordinal);
        Assert.Contains("Unknown provider option", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("device_id", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_fail_only_together_are_all_named()
    {
        var options = new OnnxRuntimeOptions { Provider = OnnxProvider.TensorRt, ProviderOptions = new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" } };
        var error = ProviderFault.Explain(options, given => given.Count == 2 ? "a excludes b" : null, new InvalidOperationException());
        Assert.Equal(InferenceErrors.ProviderOptions, error!.Code);
        Assert.Contains("a, b", error.Message, StringComparison.Ordinal);
        Assert.Contains("a excludes b", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_provider_that_does_not_start_is_missing_even_where_an_option_is_wrong_as_well()
    {
        var options = new OnnxRuntimeOptions { Provider = OnnxProvider.Cuda, ProviderOptions = new Dictionary<string, string> { ["wrong"] = "1" } };
        var file = TestModels.File(TestModels.Adds(2, 1));
        var error = Assert.Throws<MlpException>(() => new OnnxModelRuntime(options, NoDevice, null).Prepare(file, new PrepareOptions()));
        Assert.Equal(InferenceErrors.RuntimeMissing, error.Code);
        Assert.Contains("no CUDA-capable device", error.Message, StringComparison.Ordinal);

        using var model = new OnnxModelRuntime(options with { Fallback = OnnxFallback.Cpu }, NoDevice, null).Prepare(file, new PrepareOptions());
        Assert.Equal("ONNX Runtime", model.Runtime);
        Assert.Contains("Fallback", model.Reason, StringComparison.Ordinal);
        static void NoDevice(SessionOptions settings, OnnxProvider provider, IReadOnlyDictionary<string, string> given) => Fail(settings, "no CUDA-capable device");
    }

    [Fact]
    public void A_model_that_fails_on_a_provider_that_starts_is_the_models_fault()
    {
        var options = new OnnxRuntimeOptions { Provider = OnnxProvider.Cuda, Fallback = OnnxFallback.Cpu, ProviderOptions = new Dictionary<string, string> { ["device_id"] = "0" } };
        var unknown = TestModels.Of(
            [new TensorSpec("x", ElementType.Float32, TensorDimension.Free("batch"), TensorDimension.Fixed(1))],
            [new TensorSpec("y", ElementType.Float32, TensorDimension.Free("batch"), TensorDimension.Fixed(1))],
            [new OnnxNode { OpType = "NoSuchOperator", Inputs = ["x"], Outputs = ["y"] }]);
        var runtime = new OnnxModelRuntime(options, Provider("device_id"), null);
        var error = Assert.Throws<MlpException>(() => runtime.Prepare(TestModels.File(unknown), new PrepareOptions()));
        Assert.Equal(ErrorCodes.ModelInvalid, error.Code);
        using var model = runtime.Prepare(TestModels.File(TestModels.Adds(2, 1)), new PrepareOptions());
        Assert.Equal("ONNX Runtime (Cuda)", model.Runtime);
    }

    [Fact]
    public void Cuda_beneath_TensorRt_gets_its_device()
    {
        var given = new Dictionary<string, string> { ["device_id"] = "3", ["trt_fp16_enable"] = "1" };
        Assert.Equal(new Dictionary<string, string> { ["device_id"] = "3" }, OnnxSettings.BeneathTensorRt(given));
        Assert.Empty(OnnxSettings.BeneathTensorRt(new Dictionary<string, string> { ["trt_fp16_enable"] = "1" }));
    }

    [Fact]
    public void Options_that_mean_nothing_are_refused()
    {
        Assert.Throws<ArgumentException>(() => RuntimeChoice.OnnxRuntimeWith(new OnnxRuntimeOptions { ProviderOptions = new Dictionary<string, string> { ["device_id"] = "0" } }));
        Assert.Throws<ArgumentOutOfRangeException>(() => RuntimeChoice.OnnxRuntimeWith(new OnnxRuntimeOptions { Provider = (OnnxProvider)9 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => RuntimeChoice.OnnxRuntimeWith(new OnnxRuntimeOptions { IntraOpThreads = 0 }));
        Assert.Throws<ArgumentException>(() => RuntimeChoice.OnnxRuntimeWith(new OnnxRuntimeOptions { Provider = OnnxProvider.Cuda, ProviderOptions = new Dictionary<string, string> { ["device_id"] = null! } }));
        Assert.Throws<ArgumentException>(() => RuntimeChoice.OnnxRuntimeWith(new OnnxRuntimeOptions { Provider = OnnxProvider.Cuda, ProviderOptions = new Dictionary<string, string> { [" "] = "0" } }));
    }

    /// <summary>A provider that is there and takes some options; the processor runs what it would.</summary>
    private static Action<SessionOptions, OnnxProvider, IReadOnlyDictionary<string, string>> Provider(params string[] takes) => (settings, _, options) =>
    {
        foreach (var option in options.Keys)
        {
            if (!takes.Contains(option))
            {
                Fail(settings, $"Unknown provider option: {option}");
            }
        }
    };

    // Only ONNX Runtime makes its exceptions: it is asked for a provider of this name, which it then says.
    private static void Fail(SessionOptions settings, string message) => settings.AppendExecutionProvider(message, []);
}
