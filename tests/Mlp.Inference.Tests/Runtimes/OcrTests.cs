using Microsoft.ML.OnnxRuntime;
using Mlp.Core;
using Mlp.Inference.Tests.Fakes;

namespace Mlp.Inference.Tests.Runtimes;

/// <summary>PaddleOCR's three models, whose files leave open what an image's size is; ONNX Runtime by hand is the truth.</summary>
public class OcrTests
{
    private const float Tolerance = 1e-4f;

    [Fact]
    public async Task The_classifier_is_batched_once_its_row_shape_is_stated()
    {
        var onnx = Read("ch_ppocr_mobile_v2.0_cls_infer.onnx");
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, onnx), new HostedModelOptions { RowShapes = new Dictionary<string, int[]> { ["x"] = [3, 48, 192] }, Batching = new BatchingOptions { BatchRowsMax = 8 } });
        Assert.True(model.Layout.IsBatched, model.Layout.WhyWhole);
        Assert.Equal([2], model.Layout.Outputs[0].RowShape.ToArray());
        using var session = new InferenceSession(onnx);
        await Task.WhenAll(Enumerable.Range(0, 24).Select(async i =>
        {
            var image = TestModels.Floats(new Random(i), 3 * 48 * 192);
            var answer = new float[2];
            await model.PredictAsync(image, answer);
            Close(Truth(session, image, 1, 3, 48, 192), answer);
        }));
    }

    [Fact]
    public async Task The_detector_takes_images_of_any_size_one_at_a_time()
    {
        var onnx = Read("ch_PP-OCRv4_det_infer.onnx");
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var model = await host.LoadAsync(TestModels.Package(folder, onnx));
        Assert.False(model.Layout.IsBatched);
        using var session = new InferenceSession(onnx);
        foreach (var (height, width) in new[] { (64, 96), (96, 32), (32, 160) })
        {
            var image = TestModels.Floats(new Random(height), 3 * height * width);
            var answer = await model.RunAsync(new Dictionary<string, ModelValue> { ["x"] = TensorValue.Of<float>(image, 1, 3, height, width) });
            var map = Assert.IsType<TensorValue>(answer.Values[0]);
            Assert.Equal([1L, 1, height, width], map.Shape.ToArray());
            Close(Truth(session, image, 1, 3, height, width), map.Elements<float>().ToArray());
        }
    }

    [Fact]
    public async Task The_recogniser_reads_lines_of_every_length_in_buckets()
    {
        var onnx = Read("ch_PP-OCRv4_rec_infer.onnx");
        using var folder = new TemporaryFolder();
        await using var host = new ModelHost();
        var buckets = new LengthBuckets { Lengths = [64, 128], CutsOutputs = false };
        var model = await host.LoadAsync(TestModels.Package(folder, onnx), new HostedModelOptions { Buckets = buckets, Batching = new BatchingOptions { BatchRowsMax = 2, QueueRowsMax = 16, Instances = 1 } });
        using var session = new InferenceSession(onnx);
        await Task.WhenAll(new[] { 64, 40, 128, 100, 72, 64 }.Select(async width =>
        {
            var line = TestModels.Floats(new Random(width), 3 * 48 * width);
            var answer = await model.RunAsync(new Dictionary<string, ModelValue> { ["x"] = TensorValue.Of<float>(line, 1, 3, 48, width) });
            var bucket = width <= 64 ? 64 : 128;
            var filled = new float[3 * 48 * bucket];
            for (var row = 0; row < 3 * 48; row++)
            {
                line.AsSpan(row * width, width).CopyTo(filled.AsSpan(row * bucket));
            }

            Close(Truth(session, filled, 1, 3, 48, bucket), ((TensorValue)answer.Values[0]).Elements<float>().ToArray());
        }));
    }

    private static byte[] Read(string name)
    {
        var path = Checkout.At(".cache", "models", name);
        Assert.SkipUnless(File.Exists(path), $"{name} is missing: eng/fetch-models.sh brings it.");
        return File.ReadAllBytes(path);
    }

    private static float[] Truth(InferenceSession session, float[] elements, params long[] shape)
    {
        using var options = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(elements, shape);
        using var outputs = session.Run(options, ["x"], [input], session.OutputNames);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private static void Close(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(MathF.Abs(expected[i] - actual[i]) <= Tolerance, $"element {i}: {actual[i]} instead of {expected[i]}");
        }
    }
}
