using System.Buffers;
using System.Text;
using Mlp.Inference;

namespace Mlp.AspNetCore.Tests;

public class InferRequestFuzzTests
{
    private const string Good = """{"id":"a","parameters":{"timeout":5,"binary_data_output":false},"inputs":[{"name":"features","shape":[2,3],"datatype":"FP32","parameters":{},"data":[[1,2.5,-3e2],[4,5,6]]}],"outputs":[{"name":"label"},{"name":"probabilities"}]}""";

    [Fact]
    public async Task Whatever_comes_is_read_in_full_or_is_a_typed_error()
    {
        var folder = Directory.CreateTempSubdirectory("mlp-fuzz-").FullName;
        await using var host = new ModelHost();
        var model = await host.LoadAsync(Service.Package(folder, "trees", Service.Trees()), new HostedModelOptions { Runtime = RuntimeChoice.Edge });
        var random = new Random(5);
        var good = Encoding.UTF8.GetBytes(Good);
        var (read, refused) = (0, 0);
        for (var i = 0; i < 30_000; i++)
        {
            var body = i == 0 ? good : Mutate(good, random);
            try
            {
                using var reader = new InferRequestReader(model, new OpenInferenceOptions { RowsMax = 16 });
                using var request = reader.Read(Split(body, random));
                Assert.InRange(request.Rows.Rows, 1, 16);
                Assert.NotEmpty(request.Outputs);
                read++;
            }
            catch (RequestFieldException e)
            {
                Assert.NotEmpty(e.Field);
                refused++;
            }
        }

        Assert.True(read > 100 && refused > 1000, $"{read} read, {refused} refused");
        Directory.Delete(folder, recursive: true);
    }

    private static byte[] Mutate(byte[] source, Random random)
    {
        var bytes = source.ToList();
        for (var n = random.Next(1, 4); n > 0 && bytes.Count > 2; n--)
        {
            var at = random.Next(bytes.Count);
            var length = random.Next(1, Math.Min(12, bytes.Count - at) + 1);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, length);
                    break;
                case 2:
                    bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count - length + 1), length));
                    break;
                case 3:
                    bytes[at] = (byte)"{}[],:\"019-.e "[random.Next(14)];
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }

        return [.. bytes];
    }

    // A body in two segments, as a pipe may give it.
    private static ReadOnlySequence<byte> Split(byte[] body, Random random)
    {
        var at = random.Next(body.Length + 1);
        var first = new Segment(body.AsMemory(0, at), 0);
        var last = new Segment(body.AsMemory(at), at);
        first.Append(last);
        return new ReadOnlySequence<byte>(first, 0, last, body.Length - at);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long start) => (Memory, RunningIndex) = (memory, start);

        public void Append(Segment next) => Next = next;
    }
}
