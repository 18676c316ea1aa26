using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Mlp.Core;
using Mlp.Inference;

namespace Mlp.Benchmarks;

/// <summary>A model's package, the requests that are sent, and what they should be answered.</summary>
internal sealed class HttpCase : IDisposable
{
    private const float LargestDifference = 1e-4f;

    private readonly string _folder = Directory.CreateTempSubdirectory("mlp-bench-http-").FullName;
    private readonly string[] _bodies;
    private readonly float[] _expected;

    public HttpCase(byte[] onnx, float[] rows)
    {
        // JSON has no NaN: a missing value is sent as 0.
        rows = [.. rows.Select(static x => float.IsNaN(x) ? 0 : x)];
        var signature = OnnxModel.Read(onnx).Signature();
        var output = signature.Outputs[Enumerable.Range(0, signature.Outputs.Length).Last(i => signature.Outputs[i].Type == ElementType.Float32)].Name;
        var (input, width) = (signature.Inputs[0].Name, signature.Inputs[0].RowElements);
        Package = Path.Combine(_folder, "model");
        new PackageBuilder().Add("model.onnx", onnx).Write(Package, new PackageManifest { Name = "bench", Signature = signature });
        _bodies = [.. Enumerable.Range(0, rows.Length / width).Select(r =>
            $$"""{"inputs":[{"name":"{{input}}","shape":[1,{{width}}],"datatype":"FP32","data":[{{string.Join(',', rows.AsSpan(r * width, width).ToArray().Select(x => x.ToString(CultureInfo.InvariantCulture)))}}]}],"outputs":[{"name":"{{output}}"}]}""")];
        File.WriteAllLines(Bodies, _bodies);
        using var truth = new ServedModel(onnx, _ => rows, new HostedModelOptions { Runtime = RuntimeChoice.OnnxRuntime });
        _expected = truth.Expected;
    }

    public string Package { get; }

    public string Route => "/v2/models/bench/infer";

    private string Bodies => Path.Combine(_folder, "bodies");

    public HttpProcess StartPeer(int port, int processes, int threads) =>
        HttpProcess.Start("node", [Path.Combine(HttpTools.Folder, "server.mjs"), Path.Combine(Package, "model.onnx"), $"{port}", $"{processes}", $"{threads}"], port);

    /// <summary>Compares every answer with the expected one.</summary>
    public void Check(int port)
    {
        using var client = new HttpClient();
        for (var i = 0; i < _bodies.Length; i++)
        {
            using var content = new StringContent(_bodies[i], System.Text.Encoding.UTF8, "application/json");
            using var answer = client.PostAsync(new Uri($"http://127.0.0.1:{port}{Route}"), content).GetAwaiter().GetResult();
            answer.EnsureSuccessStatusCode();
            var data = answer.Content.ReadFromJsonAsync<JsonElement>().GetAwaiter().GetResult().GetProperty("outputs")[0].GetProperty("data");
            var last = data[data.GetArrayLength() - 1].GetSingle();
            if (!(MathF.Abs(last - _expected[i]) <= LargestDifference * MathF.Max(1, MathF.Abs(_expected[i]))))
            {
                throw new WrongAnswerException($"port {port}, row {i}: {last}, expected {_expected[i]}.");
            }
        }
    }

    /// <summary>Requests answered in a second.</summary>
    public double Rate(int port, string route, double seconds)
    {
        var start = new ProcessStartInfo("wrk", ["-t1", "-c64", $"-d{Math.Max(1, (int)seconds)}s", "-s", HttpTools.Script, $"http://127.0.0.1:{port}{route}", "--", Bodies]) { RedirectStandardOutput = true };
        using var wrk = Process.Start(start)!;
        var text = wrk.StandardOutput.ReadToEnd();
        wrk.WaitForExit();
        var rate = Regex.Match(text, @"Requests/sec:\s*(?<rate>[0-9.]+)");
        return rate.Success && !text.Contains("Non-2xx", StringComparison.Ordinal) && !text.Contains("Socket errors", StringComparison.Ordinal)
            ? double.Parse(rate.Groups["rate"].Value, CultureInfo.InvariantCulture)
            : throw new WrongAnswerException($"wrk at port {port}{route}: {text}");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
