using System.Globalization;
using System.Text;
using CsCheck;

namespace Mlp.AspNetCore.Tests;

public class JsonFloatTests
{
    [Fact]
    public void Every_number_has_the_bits_of_the_nearest_float()
    {
        var short15 = Gen.Select(Gen.Long[-999_999_999_999_999, 999_999_999_999_999], Gen.Int[0, 15], static (digits, places) => ((decimal)digits / (decimal)Math.Pow(10, places)).ToString(CultureInfo.InvariantCulture));
        var shortest = Gen.Float.Where(float.IsFinite).Select(static x => x.ToString("F9", CultureInfo.InvariantCulture));
        Gen.OneOf(short15, shortest).Sample(Check, iter: 200_000);
    }

    [Fact]
    public void Halfway_between_two_floats_and_beside_it_too()
    {
        // 2^24 + 1 lies in the middle of two floats; so do its neighbours' halves.
        foreach (var text in new[] { "16777217", "16777217.0", "16777217.000001", "16777216.999999", "33554434", "33554435", "33554433", "0", "-0", "-0.0", "0.1", "123456789012345", "0.000000000000001", "8388608.5", "8388609.5", "0.50000002980232" })
        {
            Check(text);
        }
    }

    private static void Check(string text)
    {
        if (JsonFloat.TryReadShort(Encoding.UTF8.GetBytes(text), out var number))
        {
            Assert.Equal(BitConverter.SingleToInt32Bits(float.Parse(text, CultureInfo.InvariantCulture)), BitConverter.SingleToInt32Bits(number));
        }
    }
}
