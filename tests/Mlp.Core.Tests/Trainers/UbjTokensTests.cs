using System.Text;
using System.Text.Json.Nodes;

namespace Mlp.Core.Tests.Trainers;

public class UbjTokensTests
{
    private const string Prefix = "{i\u0007learner";

    [Fact]
    public void However_a_model_is_written_in_ubj_it_is_the_model_that_json_says()
    {
        var expected = Shown(XgboostModel.Read(XgboostFile.With(_ => { })));
        for (var seed = 0; seed < 200; seed++)
        {
            var ubj = UbjText.Of(JsonNode.Parse(XgboostFile.With(_ => { })), new Random(seed));
            Assert.Equal(expected, Shown(XgboostModel.Read(ubj)));
        }
    }

    [Theory]
    [InlineData("[i\u00ffU\u00ffI\u0001\u0002l\u0000\u0000\u0001\u0000L\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00feNN]", new long[] { -1, 255, 258, 256, -2 })]
    [InlineData("[#i\u0002i\u0001I\u0000\u0005", new long[] { 1, 5 })]
    [InlineData("[$U#i\u0003\u0001\u0080N", new long[] { 1, 128, 78 })] // N is a value here
    [InlineData("[$l#U\u0000", new long[0])]
    [InlineData("[]", new long[0])]
    public void Integers_are_read_in_every_width(string bytes, long[] expected)
    {
        var tokens = new UbjTokens(Latin(bytes));
        var found = new List<long>();
        Assert.Equal(ModelToken.ArrayStart, tokens.Next());
        while (tokens.Next() != ModelToken.ArrayEnd)
        {
            found.Add(tokens.Integer());
        }

        Assert.Equal(expected, found);
        Assert.Equal(ModelToken.End, tokens.Next());
    }

    [Fact]
    public void Values_of_all_kinds_are_passed_over_as_a_whole()
    {
        var tokens = new UbjTokens(Latin("[{i\u0001a[$[#i\u0002#i\u0001i\u0007Z]i\u0001bCx}TFZSi\u0002hi{$S#i\u0001i\u0001ki\u0002vw[$U#i\u0002\u0001\u0002D@\u0009!ûTD-\u0018d@\u0000\u0000\u0000]"));
        var shown = new StringBuilder();
        tokens.Next();
        while (tokens.Next() != ModelToken.ArrayEnd)
        {
            shown.Append(tokens.Token).Append(tokens.Token switch
            {
                ModelToken.Text => tokens.Text(),
                ModelToken.Number => tokens.Float().ToString(System.Globalization.CultureInfo.InvariantCulture),
                _ => "",
            }).Append(' ');
            tokens.Skip();
        }

        Assert.Equal("ObjectStart True False Null Texthi ObjectStart ArrayStart Number3.1415927 Number2 ", shown.ToString());
        Assert.Equal(ModelToken.End, tokens.Next());
    }

    [Theory]
    [InlineData("[$d#L\u007f\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff", "a container of 9223372036854775807 values, with 0 bytes left for them")]
    [InlineData("[$d#l\u0000\u0000\u0000\u0002\u0000\u0000\u0000\u0000\u0000\u0000\u0000", "a container of 2 values, with 7 bytes left for them")]
    [InlineData("[#l\u007f\u00ff\u00ff\u00ff", "a container of 2147483647 values")]
    [InlineData("{#l\u007f\u00ff\u00ff\u00ff", "a container of 2147483647 values")]
    [InlineData("[$L#L\u0020\u0000\u0000\u0000\u0000\u0000\u0000\u0001", "a container of 2305843009213693953 values")] // times 8 it is 8, in 64 bits
    [InlineData("[#i\u00ff", "a container of -1 values")]
    [InlineData("[$Z#L\u007f\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff", "a container of the type 'Z'")]
    [InlineData("[$T#i\u0001", "a container of the type 'T'")]
    [InlineData("[$x#i\u0001", "a container of the type 'x'")]
    [InlineData("[$d", "a container of the type 'd' without a count")]
    [InlineData("[$d]", "a container of the type 'd' without a count")]
    [InlineData("SL\u007f\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff", "a text of 9223372036854775807 bytes, with 0 left")]
    [InlineData("Si\u00ff", "a text of -1 bytes, with 0 left")]
    [InlineData("Sd\u0000\u0000\u0000\u0000", "the type 'd'")]
    [InlineData("Hi\u00011", "the type 'H'")]
    [InlineData("\u0001", "the type 'byte 1'")]
    [InlineData("d\u0000\u0000", "its end where a value goes on")]
    [InlineData("", "its end where a value goes on")]
    public void A_lie_about_a_length_costs_an_error_and_no_memory(string bytes, string found)
    {
        var file = Latin(Prefix + bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<MlpException>(() => XgboostModel.Read(file));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
        Assert.Equal(ErrorCodes.ModelInvalid, error.Code);
        Assert.StartsWith("The model's UBJ has " + found, Whole(file, error).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_cut_off_anywhere_or_with_more_behind_it_is_refused()
    {
        var file = UbjText.Of(JsonNode.Parse(XgboostFile.With(_ => { })), new Random(1));
        for (var length = 0; length < file.Length; length++)
        {
            Assert.Equal(ErrorCodes.ModelInvalid, Assert.Throws<MlpException>(() => XgboostModel.Read(file.AsSpan(0, length))).Code);
        }

        Assert.Contains("2 bytes after its end", Assert.Throws<MlpException>(() => XgboostModel.Read([.. file, (byte)'N', (byte)'N'])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Arrays_within_arrays_have_a_limit() =>
        Assert.Contains("more than 32 objects and arrays within each other", Assert.Throws<MlpException>(() => XgboostModel.Read(Latin(Prefix + "{i\u0001a" + new string('[', 100_000)))).Message, StringComparison.Ordinal);

    // The learner must be an object; what stands there instead is read by the tokens themselves.
    private static MlpException Whole(byte[] file, MlpException error)
    {
        if (error.Message.StartsWith("The model's UBJ", StringComparison.Ordinal))
        {
            return error;
        }

        return Assert.Throws<MlpException>(() =>
        {
            var tokens = new UbjTokens(file);
            while (tokens.Next() != ModelToken.End)
            {
            }
        });
    }

    private static string Shown(XgboostModel model)
    {
        var ensemble = model.Ensemble!;
        var sets = string.Join(';', ensemble.Nodes.ToArray().Where(node => node.Mode == NodeMode.Member).Select(node => string.Join(',', ensemble.SetOf(node).ToArray())));
        return $"{model.Version} {model.Objective} {string.Join(',', model.FeatureNames)} {string.Join(',', model.FeatureTypes)}\n{string.Join('\n', ensemble.Nodes.ToArray())}\n{string.Join('\n', ensemble.Weights.ToArray())}\n{sets}\n{ensemble.BaseValues[0]}";
    }

    private static byte[] Latin(string text) => Encoding.Latin1.GetBytes(text);
}
