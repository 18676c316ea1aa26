using System.Text;
using Mlp.Core;
using Mlp.Edge.Tests.Oracle;

namespace Mlp.Edge.Tests;

public class XgboostFuzzTests
{
    private static readonly string[] Interesting = ["-1", "0", "2147483647", "-2147483648", "9223372036854775807", "1e39", "-1e-46", "NaN", "Infinity", "null", "true", "[]", "{}", "\"\"", "\"1\"", "\\u0000", "\"\\ud800\""];

    [Fact]
    public void A_changed_file_is_read_or_refused_and_whatever_is_read_can_be_run()
    {
        XgboostCase[] cases =
        [
            XgboostCase.All["reg-squarederror"], XgboostCase.All["categories-mixed-softprob"], XgboostCase.All["dart-binary-logistic"], XgboostCase.All["pruned"],
            XgboostCase.All["linear-multi-softprob"], XgboostCase.All["stopped"], XgboostCase.All["two-targets"],
        ];
        var (read, refused) = (0, 0);
        for (var seed = 0; seed < 4000; seed++)
        {
            var random = new Random(seed);
            var found = cases[random.Next(cases.Length)];
            var isJson = random.Next(2) == 0;
            var file = Mutated(isJson ? found.Json : found.Ubj, isJson, random);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                var model = XgboostModel.Read(file, (XgboostTrees)random.Next(2));
                Run(model, found.Rows);
                read++;
            }
            catch (MlpException e)
            {
                Assert.Equal(ErrorCodes.ModelInvalid, e.Code);
                refused++;
            }

            // Beside what the file's bytes justify: a set of categories of the largest number takes 2 MB.
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < (64 << 20) + (100L * file.Length), $"Seed {seed} took {GC.GetAllocatedBytesForCurrentThread() - before} bytes for a file of {file.Length}.");
        }

        // The changes reach what they must: many harm nothing, and many are found.
        Assert.InRange(read, 400, 3600);
        Assert.InRange(refused, 400, 3600);
    }

    private static void Run(XgboostModel model, float[] rows)
    {
        if (model.FeatureCount > 1000)
        {
            return;
        }

        var features = rows.AsSpan(0, model.FeatureCount * Math.Min(5, rows.Length / model.FeatureCount));
        var count = features.Length / model.FeatureCount;
        if (model.Ensemble is { } ensemble)
        {
            var predictor = new TreePredictor(ensemble);
            predictor.Predict(features, new float[count * predictor.OutputCount]);
            predictor.Leaves(features, new int[count * predictor.TreeCount]);
        }
        else
        {
            var predictor = new LinearPredictor(model.Linear!);
            predictor.Predict(features, new float[count * predictor.OutputCount]);
        }
    }

    private static byte[] Mutated(byte[] file, bool isJson, Random random)
    {
        var bytes = file.ToList();
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var at = random.Next(bytes.Count);
            var length = Math.Min(random.Next(1, 12), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, length);
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count - length + 1), length));
                    break;
                case 4 when isJson:
                    ReplaceNumber(bytes, at, Interesting[random.Next(Interesting.Length)]);
                    break;
                case 4:
                    // A length or a number, if it lies here.
                    for (var i = at; i < at + Math.Min(8, length); i++)
                    {
                        bytes[i] = random.Next(2) == 0 ? (byte)0xff : (byte)0x7f;
                    }

                    break;
                default:
                    (bytes[at], bytes[^(at + 1)]) = (bytes[^(at + 1)], bytes[at]);
                    break;
            }
        }

        return [.. bytes];
    }

    private static void ReplaceNumber(List<byte> bytes, int at, string value)
    {
        static bool IsOfNumber(byte b) => char.IsAsciiDigit((char)b) || b is (byte)'-' or (byte)'E' or (byte)'.';
        var start = bytes.FindIndex(at, IsOfNumber);
        if (start < 0)
        {
            return;
        }

        var end = bytes.FindIndex(start, b => !IsOfNumber(b));
        bytes.RemoveRange(start, (end < 0 ? bytes.Count : end) - start);
        bytes.InsertRange(start, Encoding.UTF8.GetBytes(value));
    }
}
