namespace Mlp.Features;

/// <summary>Names that the offline store gives to its files: they never come twice, so that a file is never taken for an earlier one.</summary>
internal static class OwnName
{
    private const int Length = 32;
    private const int DigestLength = 64;

    public static string New() => Guid.NewGuid().ToString("N");

    /// <summary>Whether a name, without its extension, is one of these, or a digest.</summary>
    public static bool Is(string name) => name.Length is Length or DigestLength && name.All(char.IsAsciiHexDigitLower);
}
