using System.IO.Compression;
using System.Text.Json;
using Mlp.Core;
using Mlp.Tests;
using Spectre.Console.Testing;

namespace Mlp.Cli.Tests;

public class EdgeInspectTests
{
    [Fact]
    public async Task An_onnx_model_of_trees_is_told_by_shape_thresholds_and_walks()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder.At("flights.onnx"), Trees().Write());
        var (code, text, errors) = await RunAsync("edge", "inspect", folder.At("flights.onnx"));
        Assert.Equal((0, ""), (code, errors));
        foreach (var part in (string[])["flights.onnx", "ONNX", "features: float32[batch, 3]", "TreeEnsembleRegressor", "2 trees, depth 2, 5 leaves", "ns a row", "f2"])
        {
            Assert.Contains(part, text, StringComparison.Ordinal);
        }

        var json = await JsonAsync(folder.At("flights.onnx"));
        var trees = Assert.Single(json.GetProperty("ensembles").EnumerateArray());
        Assert.Equal((2, 2, 5, 8), (Number(trees, "trees"), Number(trees, "depth"), Number(trees, "leaves"), Number(trees, "nodes")));

        // Feature 2 is asked twice with one threshold, feature 0 once.
        Assert.Equal([(0, 1, 1), (2, 1, 2)], trees.GetProperty("features").EnumerateArray().Select(f => (Number(f, "index"), Number(f, "thresholds"), Number(f, "nodes"))));
        var layouts = trees.GetProperty("layouts").EnumerateArray().ToArray();
        Assert.Contains(layouts, l => Number(l, "rowsFrom") == 1);
        Assert.All(layouts, l => Assert.True(Number(l, "bytes") > 0));
    }

    [Fact]
    public async Task Models_of_xgboost_and_lightgbm_are_known_by_their_content()
    {
        using var folder = new TemporaryFolder();
        await using (var zip = await ZipFile.OpenReadAsync(Path.Combine(Checkout.Root, "tests/Mlp.Edge.Tests/Oracle/xgboost.zip")))
        {
            foreach (var extension in (string[])[".json", ".ubj"])
            {
                var entry = zip.Entries.First(e => e.FullName.EndsWith(extension, StringComparison.Ordinal) && e.FullName.Contains("logistic", StringComparison.Ordinal));
                await entry.ExtractToFileAsync(folder.At($"model{extension}.bin"));
                var json = await JsonAsync(folder.At($"model{extension}.bin"));
                Assert.StartsWith("XGBoost 1.7", json.GetProperty("format").GetString(), StringComparison.Ordinal);
                Assert.True(Number(json.GetProperty("ensembles")[0], "trees") > 1);
            }
        }

        var text = Directory.EnumerateFiles(Path.Combine(Checkout.Root, "tests/Mlp.Edge.Tests/LightGbm/Models"), "*.model.txt").Order(StringComparer.Ordinal).First();
        var lightgbm = await JsonAsync(text);
        Assert.StartsWith("LightGBM", lightgbm.GetProperty("format").GetString(), StringComparison.Ordinal);
        Assert.True(Number(lightgbm.GetProperty("ensembles")[0], "leaves") > 1);
    }

    [Fact]
    public async Task What_cannot_be_read_is_said_on_the_error_stream()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.At("notes.txt"), "no model");
        foreach (var path in (string[])[folder.At("missing.onnx"), folder.At("notes.txt"), folder.Path])
        {
            var (code, text, errors) = await RunAsync("edge", "inspect", path);
            Assert.Equal((1, ""), (code, text));
            Assert.NotEmpty(errors.Trim());
        }

        Assert.Contains("missing.onnx", (await RunAsync("edge", "inspect", folder.At("missing.onnx"))).Errors, StringComparison.Ordinal);
        var (usage, _, said) = await RunAsync("edge", "inspekt");
        Assert.Equal(2, usage);
        Assert.Contains("--help", said, StringComparison.Ordinal);
    }

    private static OnnxModel Trees()
    {
        var builder = new TreeEnsembleBuilder(3);
        builder.BeginTree().Branch(NodeMode.LessOrEqual, 0, 0.5, 1, 2).Leaf(1).Branch(NodeMode.LessOrEqual, 2, 7, 3, 4).Leaf(2).Leaf(3);
        builder.BeginTree().Branch(NodeMode.LessOrEqual, 2, 7, 1, 2).Leaf(4).Leaf(5);
        return TreeEnsembleOnnx.Regressor(builder.Build());
    }

    private static async Task<JsonElement> JsonAsync(string path)
    {
        var (code, text, errors) = await RunAsync("edge", "inspect", path, "--json");
        Assert.Equal((0, ""), (code, errors));
        return JsonDocument.Parse(text).RootElement;
    }

    private static async Task<(int Code, string Text, string Errors)> RunAsync(params string[] arguments)
    {
        using var console = new TestConsole();
        using var errors = new StringWriter();
        var code = await new MlpCommand(console, errors).RunAsync(arguments);
        return (code, console.Output, errors.ToString());
    }

    private static int Number(JsonElement element, string name) => element.GetProperty(name).GetInt32();
}
