namespace Mlp.Architecture.Tests;

/// <summary>States that nothing breaks a law; what does is listed whole.</summary>
internal static class Law
{
    public static void Holds(IEnumerable<string> violations)
    {
        var list = violations.ToArray();
        Assert.True(list.Length == 0, string.Join('\n', list));
    }
}
