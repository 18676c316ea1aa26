using System.Globalization;

namespace Mlp.Core;

/// <summary>Values of a document, read from its tokens.</summary>
internal static class ModelTokensReading
{
    /// <summary>Reads the next token, which begins an object.</summary>
    public static void Object<T>(this ref T tokens, string what)
        where T : struct, IModelTokens, allows ref struct => Expect(ref tokens, ModelToken.ObjectStart, what, "an object");

    /// <summary>Reads the next token, which begins an array.</summary>
    public static void Array<T>(this ref T tokens, string what)
        where T : struct, IModelTokens, allows ref struct => Expect(ref tokens, ModelToken.ArrayStart, what, "an array");

    /// <summary>Reads the name of an object's next value; false at the object's end.</summary>
    public static bool Name<T>(this ref T tokens)
        where T : struct, IModelTokens, allows ref struct => tokens.Next() == ModelToken.Name;

    /// <summary>Passes over the next value.</summary>
    public static void SkipNext<T>(this ref T tokens)
        where T : struct, IModelTokens, allows ref struct
    {
        tokens.Next();
        tokens.Skip();
    }

    /// <summary>Reads the next value, a text.</summary>
    public static string NextText<T>(this ref T tokens, string what)
        where T : struct, IModelTokens, allows ref struct
    {
        Expect(ref tokens, ModelToken.Text, what, "a text");
        return tokens.Text();
    }

    /// <summary>Reads the next value, an integer from 0 to <see cref="int.MaxValue"/>, written as a text or as a number.</summary>
    public static int NextCount<T>(this ref T tokens, string what)
        where T : struct, IModelTokens, allows ref struct
    {
        if (tokens.Next() == ModelToken.Number)
        {
            return Int32(ref tokens, what) is >= 0 and var count ? count : throw Unexpected(ref tokens, what, "a count");
        }

        return tokens.Token == ModelToken.Text && int.TryParse(tokens.Text(), NumberStyles.None, CultureInfo.InvariantCulture, out var parsed)
            ? parsed
            : throw Unexpected(ref tokens, what, "a count");
    }

    /// <summary>Reads the next value, an array of texts.</summary>
    public static string[] NextTexts<T>(this ref T tokens, string what)
        where T : struct, IModelTokens, allows ref struct
    {
        tokens.Array(what);
        var texts = new List<string>();
        while (tokens.Next() == ModelToken.Text)
        {
            texts.Add(tokens.Text());
        }

        return tokens.Token == ModelToken.ArrayEnd ? [.. texts] : throw Unexpected(ref tokens, what, "texts");
    }

    /// <summary>Reads the next value, an array of integers of 32 bits; true and false are 1 and 0.</summary>
    public static int[] NextIntegers<T>(this ref T tokens, string what)
        where T : struct, IModelTokens, allows ref struct
    {
        tokens.Array(what);
        var integers = new List<int>();
        try
        {
            while (tokens.Next() != ModelToken.ArrayEnd)
            {
                integers.Add(tokens.Token switch
                {
                    ModelToken.True => 1,
                    ModelToken.False => 0,
                    _ => Int32(ref tokens, what),
                });
            }
        }
        catch (MlpException e)
        {
            throw InElement(integers.Count, what, e);
        }

        return [.. integers];
    }

    /// <summary>Reads the next value, an array of floats.</summary>
    public static float[] NextFloats<T>(this ref T tokens, string what)
        where T : struct, IModelTokens, allows ref struct
    {
        tokens.Array(what);
        var floats = new List<float>();
        try
        {
            while (tokens.Next() != ModelToken.ArrayEnd)
            {
                floats.Add(tokens.Float());
            }
        }
        catch (MlpException e)
        {
            throw InElement(floats.Count, what, e);
        }

        return [.. floats];
    }

    private static MlpException InElement(int element, string what, MlpException cause) => new(cause.Code, $"Element {element} of '{what}': {cause.Message}", cause);

    private static int Int32<T>(ref T tokens, string what)
        where T : struct, IModelTokens, allows ref struct =>
        tokens.Integer() is >= int.MinValue and <= int.MaxValue and var value ? (int)value : throw Unexpected(ref tokens, what, "integers of 32 bits");

    private static void Expect<T>(ref T tokens, ModelToken token, string what, string expected)
        where T : struct, IModelTokens, allows ref struct
    {
        if (tokens.Next() != token)
        {
            throw Unexpected(ref tokens, what, expected);
        }
    }

    private static MlpException Unexpected<T>(ref T tokens, string what, string expected)
        where T : struct, IModelTokens, allows ref struct =>
        new(ErrorCodes.ModelInvalid, string.Create(CultureInfo.InvariantCulture, $"The model's '{what}' at byte {tokens.Position} is something else than {expected}."));
}
