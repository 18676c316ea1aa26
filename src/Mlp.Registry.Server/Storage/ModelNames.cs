using System.Globalization;

namespace Mlp.Registry.Server;

/// <summary>The rules for names of models and aliases, and for sources of versions.</summary>
internal static class ModelNames
{
    private const int NameLengthMax = 256;
    private const int AliasLengthMax = 255;
    private const int SourceLengthMax = 500;
    private const int DecodingsMax = 10;

    /// <summary>A model's name for creation: not empty, no <c>/</c>, <c>:</c> or control character.</summary>
    public static string Model(Fields fields)
    {
        var name = fields.Text("name");
        if (name.Length > NameLengthMax)
        {
            throw RegistryFault.Invalid($"Registered model name exceeded length limit of {NameLengthMax}.");
        }

        foreach (var c in name)
        {
            if (c is '/' or ':' || char.IsControl(c))
            {
                throw RegistryFault.WrongValue("name", name, "a name without '/', ':' and control characters");
            }
        }

        return name;
    }

    /// <summary>An alias: letters, digits, <c>_</c> and <c>-</c>; not <c>latest</c> and not like <c>v1</c>, which mean versions.</summary>
    public static string Alias(Fields fields)
    {
        var alias = fields.Text("alias");
        var isVersion = alias.Length > 1 && alias[0] is 'v' or 'V' && !alias.AsSpan(1).ContainsAnyExceptInRange('0', '9');
        if (alias.Length > AliasLengthMax || isVersion || string.Equals(alias, "latest", StringComparison.OrdinalIgnoreCase))
        {
            throw RegistryFault.WrongValue("alias", alias, $"at most {AliasLengthMax} characters; 'latest' and 'v' with digits are reserved");
        }

        foreach (var c in alias)
        {
            if (!char.IsLetterOrDigit(c) && c is not ('_' or '-'))
            {
                throw RegistryFault.WrongValue("alias", alias, "letters, digits, '_' and '-'");
            }
        }

        return alias;
    }

    /// <summary>A version's number, which travels as a text.</summary>
    public static long Version(Fields fields)
    {
        var text = fields.Text("version");
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version > 0
            ? version
            : throw RegistryFault.WrongValue("version", text, "a positive integer as a string");
    }

    public static string Text(long version) => version.ToString(CultureInfo.InvariantCulture);

    /// <summary>A version's source: a URI that is no file of this machine, and no way up a folder in any coding.</summary>
    public static string Source(Fields fields)
    {
        var source = fields.Text("source");
        var scheme = source.IndexOf(':', StringComparison.Ordinal);
        if (source.Length > SourceLengthMax
            || scheme < 2
            || source.AsSpan(0, scheme).ContainsAnyExcept("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.")
            || source.StartsWith("file:", StringComparison.OrdinalIgnoreCase)
            || source.StartsWith("mlp:", StringComparison.OrdinalIgnoreCase))
        {
            throw RegistryFault.WrongValue("source", source, $"an absolute URI of at most {SourceLengthMax} characters that is no local path; packages are published, not created");
        }

        var decoded = source;
        for (var i = 0; i < DecodingsMax; i++)
        {
            var once = Uri.UnescapeDataString(decoded);
            if (once == decoded)
            {
                break;
            }

            decoded = once;
        }

        foreach (var part in decoded.Split('/', '\\', '?', '#'))
        {
            if (part == "..")
            {
                throw RegistryFault.WrongValue("source", source, "a URI without '..'");
            }
        }

        return source;
    }
}
