using System.Text;
using System.Text.Json;
using Mlp.Core;
using Mlp.Inference;

namespace Mlp.AspNetCore.Tests;

public class OpenInferenceTests
{
    private const string Infer = "/v2/models/trees/infer";

    [Theory]
    [InlineData("[5, 0, 0, 20, 0, 0]")]
    [InlineData("[[5, 0, 0], [20, 0, 0]]")]
    [InlineData("[[5.0e0, -1, 1e-3],[ 2E1,0,0 ]]")]
    public async Task Nested_and_flat_data_are_answered_with_all_outputs_and_the_id(string data)
    {
        await using var service = await Service.StartAsync();
        foreach (var path in new[] { Infer, "/v2/models/trees/versions/7/infer" })
        {
            // The members come in an order that no client promises.
            var (status, body) = await service.PostAsync(path, $$"""{"parameters":{"x":[{}]},"inputs":[{"data":{{data}},"shape":[2,3],"more":{"a":[1]},"name":"features","datatype":"FP32"}],"id":"né-1"}""");
            Assert.Equal(200, status);
            Assert.Equal("né-1", body.GetProperty("id").GetString());
            Assert.Equal("trees", body.GetProperty("model_name").GetString());
            Assert.Equal("7", body.GetProperty("model_version").GetString());
            var outputs = body.GetProperty("outputs").EnumerateArray().ToArray();
            Assert.Equal(["label", "probabilities"], outputs.Select(o => o.GetProperty("name").GetString()));
            Assert.Equal(["INT64", "FP32"], outputs.Select(o => o.GetProperty("datatype").GetString()));
            Assert.Equal("[2]", outputs[0].GetProperty("shape").GetRawText());
            Assert.Equal("[2,2]", outputs[1].GetProperty("shape").GetRawText());
            Assert.Equal("[0,1]", outputs[0].GetProperty("data").GetRawText());
            Assert.Equal("[0.75,0.25,0.25,0.75]", outputs[1].GetProperty("data").GetRawText());
        }
    }

    [Fact]
    public async Task Outputs_of_every_type_and_rank_are_written()
    {
        await using var service = await Service.StartAsync((builder, folder) => builder.AddModel(Service.Package(folder, "casts", Casts()).Folder, new HostedModelOptions { Runtime = RuntimeChoice.OnnxRuntime }));
        var (status, body) = await service.PostAsync("/v2/models/casts/infer", """{"inputs":[{"name":"x","shape":[1,2,1],"datatype":"FP32","data":[[[0],[2]]]}]}""");
        Assert.Equal(200, status);
        var outputs = body.GetProperty("outputs").EnumerateArray().ToArray();
        Assert.Equal(["FP32", "UINT8", "INT8", "UINT16", "INT16", "INT32", "INT64", "BYTES", "BOOL", "FP16", "FP64", "UINT32", "UINT64"], outputs.Select(o => o.GetProperty("datatype").GetString()));
        foreach (var output in outputs)
        {
            Assert.Equal("[1,2,1]", output.GetProperty("shape").GetRawText());
            var expected = output.GetProperty("datatype").GetString() switch { "BYTES" => "[\"0\",\"2\"]", "BOOL" => "[false,true]", _ => "[0,2]" };
            Assert.Equal(expected, output.GetProperty("data").GetRawText());
        }

        var metadata = await service.Client.GetStringAsync(new Uri("/v2/models/casts", UriKind.Relative));
        Assert.Contains("""{"name":"x","datatype":"FP32","shape":[-1,2,1]}""", metadata, StringComparison.Ordinal);
        (status, body) = await service.PostAsync("/v2/models/casts/infer", """{"inputs":[{"name":"x","shape":[1,1,2],"datatype":"FP32","data":[0,2]}]}""");
        Assert.Equal(400, status);
        Assert.Contains("[rows, 2, 1]", body.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_of_other_inputs_than_rows_of_floats_is_refused_with_the_reason()
    {
        await using var service = await Service.StartAsync((builder, folder) =>
        {
            builder.AddModel(Service.Package(folder, "integers", Negates(ElementType.Int64, TensorDimension.Fixed(2))).Folder);
            builder.AddModel(Service.Package(folder, "whole", Negates(ElementType.Float32, TensorDimension.Free("length"))).Folder);
        });
        foreach (var (model, type, reason) in new[] { ("integers", "INT64", "int64[n, 2]"), ("whole", "FP32", "free dimension") })
        {
            var (status, body) = await service.PostAsync($"/v2/models/{model}/infer", $$"""{"inputs":[{"name":"x","shape":[1,2],"datatype":"{{type}}","data":[1,2]}]}""");
            Assert.Equal(501, status);
            Assert.Contains(reason, body.GetProperty("error").GetString(), StringComparison.Ordinal);
            (status, _) = await service.PostAsync($"/v2/models/{model}/infer", "{}");
            Assert.Equal(501, status);
            Assert.Contains("\"name\":\"x\"", await service.Client.GetStringAsync(new Uri($"/v2/models/{model}", UriKind.Relative)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Null_is_a_missing_value()
    {
        await using var service = await Service.StartAsync();
        var (status, body) = await service.PostAsync(Infer, """{"inputs":[{"name":"features","shape":[2,3],"datatype":"FP32","data":[null,0,0,5,0,0]}]}""");
        Assert.Equal(200, status);
        var expected = new float[4];
        service.Host.Get("trees").PredictMany([float.NaN, 0, 0, 5, 0, 0], expected);
        Assert.Equal(expected, body.GetProperty("outputs")[1].GetProperty("data").EnumerateArray().Select(e => e.GetSingle()));
    }

    [Fact]
    public async Task Only_the_outputs_that_are_asked_for_come_in_their_order()
    {
        await using var service = await Service.StartAsync();
        var (status, body) = await service.PostAsync(Infer, """{"inputs":[{"name":"features","shape":[1,3],"datatype":"FP32","data":[1,2,3]}],"outputs":[{"name":"probabilities","parameters":{"binary_data":false}}]}""");
        Assert.Equal(200, status);
        Assert.Equal("[0.75,0.25]", Assert.Single(body.GetProperty("outputs").EnumerateArray().ToArray()).GetProperty("data").GetRawText());
        Assert.False(body.TryGetProperty("id", out _));
    }

    [Fact]
    public async Task Many_rows_in_a_body_that_comes_in_pieces_are_put_together()
    {
        await using var service = await Service.StartAsync();
        var rows = Enumerable.Range(0, 3000).ToArray();
        var text = $$"""{"inputs":[{"name":"features","shape":[3000,3],"datatype":"FP32","data":[{{string.Join(",", rows.Select(r => $"[{r % 20},{r},0.5]"))}}]}]}""";
        using var request = new HttpRequestMessage(HttpMethod.Post, Infer) { Content = new PiecewiseContent(Encoding.UTF8.GetBytes(text), 777) };
        using var response = await service.Client.SendAsync(request);
        var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(rows.Select(r => r % 20 > 10 ? 1L : 0), body.GetProperty("outputs")[0].GetProperty("data").EnumerateArray().Select(e => e.GetInt64()));
    }

    [Theory]
    [InlineData("", "no JSON")]
    [InlineData("{", "no JSON")]
    [InlineData("{} x", "no JSON")]
    [InlineData("[1]", "'body' is not an object")]
    [InlineData("{}", "'features' is missing")]
    [InlineData("""{"inputs":3}""", "'inputs' is not an array")]
    [InlineData("""{"inputs":[3]}""", "'inputs' is not an object")]
    [InlineData("""{"id":3}""", "'id' is not a text")]
    [InlineData("""{"id":"\ud800"}""", "'id' is not a text in UTF-8")]
    [InlineData("""{"inputs":[{"name":"other","shape":[1,3],"datatype":"FP32","data":[1,2,3]}]}""", "'other' is none")]
    [InlineData("""{"inputs":[{"name":"features","shape":[1,3],"datatype":"FP64","data":[1,2,3]}]}""", "datatype 'FP64'; expected FP32 of [rows, 3]")]
    [InlineData("""{"inputs":[{"name":"features","shape":[1,4],"datatype":"FP32","data":[1,2,3,4]}]}""", "shape [1, 4]; expected FP32 of [rows, 3]")]
    [InlineData("""{"inputs":[{"name":"features","shape":[3],"datatype":"FP32","data":[1,2,3]}]}""", "shape [3]")]
    [InlineData("""{"inputs":[{"name":"features","shape":[0,3],"datatype":"FP32","data":[]}]}""", "shape [0, 3]")]
    [InlineData("""{"inputs":[{"name":"features","shape":[2,3],"datatype":"FP32","data":[1,2,3]}]}""", "3 elements that do not make up its shape")]
    [InlineData("""{"inputs":[{"name":"features","shape":[2,3],"datatype":"FP32","data":[[1,2],[3,4],[5,6]]}]}""", "do not make up its shape")]
    [InlineData("""{"inputs":[{"name":"features","shape":[2,3],"datatype":"FP32","data":[[1,2,3,4],[5,6]]}]}""", "ragged")]
    [InlineData("""{"inputs":[{"name":"features","shape":[1,3],"datatype":"FP32","data":[1,[2],3]}]}""", "mixes numbers and arrays")]
    [InlineData("""{"inputs":[{"name":"features","shape":[1,3],"datatype":"FP32","data":[1,true,3]}]}""", "Element 1 of 'features'")]
    [InlineData("""{"inputs":[{"name":"features","shape":[1,3],"datatype":"FP32","data":[1,2,1e99]}]}""", "Element 2 of 'features'")]
    [InlineData("""{"inputs":[{"name":"features","shape":[1,3],"datatype":"FP32","data":[[[[[[[[[1]]]]]]]]]}]}""", "nested deeper")]
    [InlineData("""{"inputs":[{"name":"features","shape":[1,3],"datatype":"FP32"}]}""", "no data")]
    [InlineData("""{"inputs":[{"name":"features","shape":[9223372036854775807,3],"datatype":"FP32","data":[1]}]}""", "expected FP32")]
    [InlineData("""{"inputs":[{"name":"features","shape":[-1,3],"datatype":"FP32","data":[1]}]}""", "not negative")]
    [InlineData("""{"inputs":[{"name":"features","shape":[1,3],"datatype":"FP32","data":[1,2,3]}],"outputs":[{"name":"nothing"}]}""", "The output 'nothing' is none")]
    [InlineData("""{"inputs":[{"name":"features","shape":[1,3],"datatype":"FP32","parameters":{"binary_data_size":12}}]}""", "binary tensor data extension is not supported")]
    [InlineData("""{"parameters":{"binary_data_output":true}}""", "binary tensor data extension is not supported")]
    [InlineData("""{"parameters":{"timeout":-5}}""", "microseconds")]
    public async Task A_request_that_cannot_be_is_400_and_says_what_is_wrong(string request, string expected)
    {
        await using var service = await Service.StartAsync();
        var (status, body) = await service.PostAsync(Infer, request);
        Assert.Contains(expected, body.GetProperty("error").GetString()!, StringComparison.Ordinal);
        Assert.Equal(400, status);
    }

    [Fact]
    public async Task Inputs_given_twice_or_too_many_are_400()
    {
        await using var service = await Service.StartAsync();
        const string Input = """{"name":"features","shape":[1,3],"datatype":"FP32","data":[1,2,3]}""";
        Assert.Equal(400, (await service.PostAsync(Infer, $$"""{"inputs":[{{Input}},{{Input}}]}""")).Status);
        Assert.Equal(400, (await service.PostAsync(Infer, $$"""{"inputs":[{{Input}}],"inputs":[{{Input}}]}""")).Status);
    }

    [Fact]
    public async Task Binary_and_encoded_bodies_are_refused_with_a_reason()
    {
        await using var service = await Service.StartAsync();
        var binary = await service.PostAsync(Infer, "{}", r => r.Headers.Add("Inference-Header-Content-Length", "2"));
        Assert.Equal(400, binary.Status);
        Assert.Contains("binary", binary.Body.GetProperty("error").GetString()!, StringComparison.Ordinal);
        var encoded = await service.PostAsync(Infer, "{}", r => r.Content!.Headers.ContentEncoding.Add("gzip"));
        Assert.Equal(400, encoded.Status);
        Assert.Contains("gzip", encoded.Body.GetProperty("error").GetString()!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bodies_and_rows_are_bounded()
    {
        await using var service = await Service.StartAsync(options: new OpenInferenceOptions { BodyBytesMax = 300, RowsMax = 2 });
        Assert.Equal(400, (await service.PostAsync(Infer, """{"inputs":[{"name":"features","shape":[3,3],"datatype":"FP32","data":[]}]}""")).Status);
        var tooMany = await service.PostAsync(Infer, $$"""{"inputs":[{"data":[{{string.Join(",", Enumerable.Repeat("0", 100))}}]}]}""");
        Assert.Equal(400, tooMany.Status);
        var large = new string(' ', 301);
        Assert.Equal(413, (await service.PostAsync(Infer, large)).Status);
        using var request = new HttpRequestMessage(HttpMethod.Post, Infer) { Content = new PiecewiseContent(Encoding.UTF8.GetBytes(large), 100) };
        using var response = await service.Client.SendAsync(request);
        Assert.Equal(413, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("/v2")]
    [InlineData("/v2/")]
    public async Task The_server_tells_its_name(string path)
    {
        await using var service = await Service.StartAsync();
        var (status, body) = await service.GetAsync(path);
        Assert.Equal(200, status);
        Assert.Equal("mlp", body.GetProperty("name").GetString());
        Assert.Equal(JsonValueKind.Array, body.GetProperty("extensions").ValueKind);
    }

    [Fact]
    public async Task Models_versions_and_readiness_are_told_and_unknown_ones_are_404()
    {
        await using var service = await Service.StartAsync();
        var (status, body) = await service.GetAsync("/v2/models/trees");
        Assert.Equal(200, status);
        Assert.Equal("""["7"]""", body.GetProperty("versions").GetRawText());
        Assert.Equal("""[{"name":"features","datatype":"FP32","shape":[-1,3]}]""", body.GetProperty("inputs").GetRawText());
        Assert.Equal("""[{"name":"label","datatype":"INT64","shape":[-1]},{"name":"probabilities","datatype":"FP32","shape":[-1,2]}]""", body.GetProperty("outputs").GetRawText());
        foreach (var path in new[] { "/v2/health/live", "/v2/health/ready", "/v2/models/trees/ready", "/v2/models/trees/versions/7", "/v2/models/trees/versions/7/ready" })
        {
            Assert.Equal(200, (await service.GetAsync(path)).Status);
        }

        foreach (var path in new[] { "/v2/models/none", "/v2/models/none/ready", "/v2/models/trees/versions/8", "/v2/models/trees/versions/8/ready", "/v2/nothing", "/v2/models/a.b/c.d" })
        {
            var unknown = await service.GetAsync(path);
            Assert.Equal(404, unknown.Status);
            Assert.NotEmpty(unknown.Body.GetProperty("error").GetString()!);
        }

        Assert.Equal(404, (await service.PostAsync("/v2/models/none/infer", "{}")).Status);
        await service.Host.UnloadAsync("trees");
        Assert.Equal(503, (await service.GetAsync("/v2/health/ready")).Status);
        Assert.Equal(404, (await service.PostAsync(Infer, "{}")).Status);
    }

    [Fact]
    public async Task An_answer_that_json_has_no_number_for_is_an_error_and_no_broken_body()
    {
        await using var service = await Service.StartAsync((builder, folder) => builder.AddModel(
            (_, _) => Task.FromResult(Service.Package(folder, "tenfold", Tenfold())), new HostedModelOptions { Runtime = RuntimeChoice.Edge }));
        var fine = await service.PostAsync("/v2/models/tenfold/infer", """{"inputs":[{"name":"x","shape":[1,1],"datatype":"FP32","data":[4]}]}""");
        Assert.Equal("[40]", fine.Body.GetProperty("outputs")[0].GetProperty("data").GetRawText());
        var (status, body) = await service.PostAsync("/v2/models/tenfold/infer", """{"inputs":[{"name":"x","shape":[1,1],"datatype":"FP32","data":[3e38]}]}""");
        Assert.Equal(501, status);
        Assert.Contains("NaN or an infinity", body.GetProperty("error").GetString()!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Concurrent_requests_get_their_own_answers()
    {
        await using var service = await Service.StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            var (status, body) = await service.PostAsync(Infer, $$"""{"id":"{{i}}","inputs":[{"name":"features","shape":[1,3],"datatype":"FP32","data":[{{i % 20}},0,0]}]}""");
            Assert.Equal(200, status);
            Assert.Equal($"{i}", body.GetProperty("id").GetString());
            Assert.Equal(i % 20 > 10 ? 1 : 0, body.GetProperty("outputs")[0].GetProperty("data")[0].GetInt64());
        }));
    }

    private static OnnxModel Tenfold() => new()
    {
        Opsets = new Dictionary<string, long> { [""] = 17 },
        Graph = new OnnxGraph
        {
            Nodes = [new OnnxNode { OpType = "Mul", Inputs = ["x", "c"], Outputs = ["y"] }],
            Initializers = new Dictionary<string, OnnxTensor> { ["c"] = OnnxTensor.Of([10f], 1) },
            Inputs = [new OnnxValueInfo("x", new TensorSpec("x", ElementType.Float32, TensorDimension.Free("batch"), TensorDimension.Fixed(1)))],
            Outputs = [new OnnxValueInfo("y", new TensorSpec("y", ElementType.Float32, TensorDimension.Free("batch"), TensorDimension.Fixed(1)))],
        },
    };

    /// <summary>A body of unknown length in small pieces.</summary>
    private sealed class PiecewiseContent(byte[] bytes, int piece) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            for (var at = 0; at < bytes.Length; at += piece)
            {
                await stream.WriteAsync(bytes.AsMemory(at, Math.Min(piece, bytes.Length - at)));
                await stream.FlushAsync();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    private static OnnxModel Negates(ElementType type, TensorDimension width) => Of(
        [new TensorSpec("x", type, TensorDimension.Free("n"), width)],
        [new TensorSpec("y", type, TensorDimension.Free("n"), width)],
        [new OnnxNode { OpType = "Neg", Inputs = ["x"], Outputs = ["y"] }]);

    // The input as every type that ONNX Runtime casts to and JSON can carry.
    private static OnnxModel Casts()
    {
        TensorSpec Spec(string name, ElementType type) => new(name, type, TensorDimension.Free("n"), TensorDimension.Fixed(2), TensorDimension.Fixed(1));
        ElementType[] types = [.. Enum.GetValues<ElementType>().Where(t => t is not (ElementType.Undefined or ElementType.BFloat16))];
        return Of(
            [Spec("x", ElementType.Float32)],
            [.. types.Select(t => Spec($"as {t.Name()}", t))],
            [.. types.Select(t => new OnnxNode { OpType = "Cast", Inputs = ["x"], Outputs = [$"as {t.Name()}"], Attributes = new Dictionary<string, OnnxAttribute> { ["to"] = (long)t } })]);
    }

    private static OnnxModel Of(TensorSpec[] inputs, TensorSpec[] outputs, OnnxNode[] nodes) => new()
    {
        Opsets = new Dictionary<string, long> { [""] = 17 },
        Graph = new OnnxGraph { Nodes = nodes, Inputs = [.. inputs.Select(i => new OnnxValueInfo(i.Name, i))], Outputs = [.. outputs.Select(o => new OnnxValueInfo(o.Name, o))] },
    };

    [Fact]
    public async Task A_version_that_is_swapped_while_its_request_comes_does_not_have_another_answer_in_its_place()
    {
        await using var service = await Service.StartAsync();
        using var handler = new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromMinutes(1) };
        using var client = new HttpClient(handler) { BaseAddress = service.Client.BaseAddress };

        // The server asks for the body once it has looked at the version.
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/trees/versions/7/infer") { Headers = { ExpectContinue = true } };
        request.Content = new LateContent("""{"inputs":[{"name":"features","datatype":"FP32","shape":[1,3],"data":[5,0,0]}]}""", () =>
            service.Host.LoadAsync(service.Package("trees", Service.Trees()), new HostedModelOptions { Runtime = RuntimeChoice.Edge, Version = "8" }));
        using var response = await client.SendAsync(request);

        Assert.Equal(404, (int)response.StatusCode);
        Assert.Contains("8", System.Text.Json.JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("error").GetString()!, StringComparison.Ordinal);
    }

    private sealed class LateContent(string text, Func<Task> before) : HttpContent
    {
        private readonly byte[] _bytes = System.Text.Encoding.UTF8.GetBytes(text);

        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            await before();
            await stream.WriteAsync(_bytes);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _bytes.Length;
            return true;
        }
    }
}
