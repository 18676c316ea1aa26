namespace Mlp.Features;

/// <summary>The rule for names of views, features and columns.</summary>
internal static class DefinitionName
{
    public static void Check(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Length > 128 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') || char.IsAsciiDigit(name[0]))
        {
            throw new ArgumentException($"'{name}' is no name: expected 1 to 128 ASCII letters, digits and underscores, starting with no digit.", nameof(name));
        }
    }
}
