using System.Text;
using System.Text.Json;

namespace Mlp.Core;

/// <summary>The line <c>pandas_categorical:</c> that LightGBM's Python package leaves at a model's end: of each categorical column of a data frame, what its numbers stand for.</summary>
internal static class LightGbmCategories
{
    private const int DepthMax = 4;

    /// <summary>Looks for the line after the trees; an empty list where there is none, or nothing in it.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Read(ref LightGbmText text)
    {
        while (text.Next())
        {
            if (text.Line.StartsWith("pandas_categorical:"u8))
            {
                try
                {
                    return Parse(text, text.Line["pandas_categorical:"u8.Length..]);
                }
                catch (JsonException e)
                {
                    throw new MlpException(ErrorCodes.ModelInvalid, text.Invalid("damaged JSON for 'pandas_categorical'").Message, e);
                }
            }
        }

        return [];
    }

    private static List<IReadOnlyList<string>> Parse(scoped in LightGbmText text, ReadOnlySpan<byte> json)
    {
        var columns = new List<IReadOnlyList<string>>();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = DepthMax });
        List<string>? column = null;
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartArray when reader.CurrentDepth == 1:
                    column = [];
                    break;
                case JsonTokenType.EndArray when reader.CurrentDepth == 1:
                    columns.Add(column!);
                    column = null;
                    break;
                case JsonTokenType.StartArray or JsonTokenType.EndArray when reader.CurrentDepth == 0:
                case JsonTokenType.Null when reader.CurrentDepth == 0:
                    break;
                case JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null when column is not null:
                    column.Add(Value(reader));
                    break;
                default:
                    throw text.Invalid("something else than lists of values for 'pandas_categorical'");
            }
        }

        return columns;
    }

    private static string Value(scoped in Utf8JsonReader reader)
    {
        try
        {
            return reader.TokenType == JsonTokenType.String ? reader.GetString()! : Encoding.UTF8.GetString(reader.ValueSpan);
        }
        catch (InvalidOperationException e)
        {
            // What the reader throws for text that is no UTF-8 or half of a surrogate pair.
            throw new JsonException(e.Message, e);
        }
    }
}
