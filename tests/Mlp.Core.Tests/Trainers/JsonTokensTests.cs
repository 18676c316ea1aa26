using System.Text;

namespace Mlp.Core.Tests.Trainers;

public class JsonTokensTests
{
    [Theory]
    [InlineData("[NaN,Infinity,-Infinity]", new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })]
    [InlineData("[ NaN , -1E-45,\n-Infinity,1E0 ]", new[] { float.NaN, -float.Epsilon, float.NegativeInfinity, 1 })]
    [InlineData("[1.17549435E-38,3.4028235E38,8.5E-46,7E-46,-0E0,7,0.1]", new[] { 1.17549435E-38f, float.MaxValue, float.Epsilon, 0, -0f, 7, 0.1f })]
    public void Numbers_are_the_nearest_floats_and_those_that_json_has_not(string json, float[] expected)
    {
        var tokens = new JsonTokens(Encoding.UTF8.GetBytes(json));
        var found = tokens.NextFloats("numbers");
        Assert.Equal(expected.Select(BitConverter.SingleToInt32Bits), found.Select(BitConverter.SingleToInt32Bits));
        Assert.Equal(ModelToken.End, tokens.Next());
    }

    [Theory]
    [InlineData("""["NaN","a \"NaN\" b","\\",NaN]""", new[] { "NaN", "a \"NaN\" b", "\\" })]
    [InlineData("""["-Infinity\\\"",Infinity]""", new[] { "-Infinity\\\"" })]
    public void Words_of_numbers_stay_what_they_are_within_texts(string json, string[] expected)
    {
        var tokens = new JsonTokens(Encoding.UTF8.GetBytes(json));
        Assert.Equal(ModelToken.ArrayStart, tokens.Next());
        foreach (var text in expected)
        {
            Assert.Equal(ModelToken.Text, tokens.Next());
            Assert.Equal(text, tokens.Text());
        }

        tokens.Next();
        Assert.False(float.IsFinite(tokens.Float()));
        Assert.Equal(ModelToken.ArrayEnd, tokens.Next());
    }

    [Theory]
    [InlineData("[3.4028236E38]", "The model has '3.4028236E38' at byte 1; expected a number that a float can hold.")]
    [InlineData("[NaN,-1e400]", "The model has '-1e400' at byte 5; expected a number that a float can hold.")]
    [InlineData("[NaNa]", "The model's JSON is damaged after byte ")]
    [InlineData("[Infinit]", "The model's JSON is damaged after byte ")]
    [InlineData("[\"x\"]", "The model has 'x' at byte 1; expected a number.")]
    [InlineData("[true]", "The model has 'true' at byte 1; expected a number that a float can hold.")]
    [InlineData("[{\"NaN", "The model has 'an object or array' at byte 1; expected a number that a float can hold.")]
    [InlineData("[1,", "The model's JSON is damaged after byte ")]
    [InlineData("[1]]", "The model's JSON is damaged after byte ")]
    public void Other_words_are_refused_where_they_stand(string json, string message)
    {
        var error = Assert.Throws<MlpException>(() =>
        {
            var tokens = new JsonTokens(Encoding.UTF8.GetBytes(json));
            tokens.NextFloats("numbers");
            tokens.Next();
        });
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_that_is_no_unicode_is_refused()
    {
        foreach (var json in (byte[][])[[(byte)'"', 0xff, (byte)'"'], [.. "\"\\ud800\""u8]])
        {
            Assert.Equal(ErrorCodes.ModelInvalid, Assert.Throws<MlpException>(() =>
            {
                var tokens = new JsonTokens(json);
                tokens.Next();
                tokens.Text();
            }).Code);
        }
    }
}
