using System.Text;

namespace Mlp.Features.Generators;

/// <summary>Names of columns, and the rule for all names.</summary>
internal static class Names
{
    private const int LengthMax = 128;

    public static bool IsName(string name) =>
        name.Length is > 0 and <= LengthMax && name.All(c => c is '_' or (>= '0' and <= '9') or (>= 'a' and <= 'z') or (>= 'A' and <= 'Z')) && name[0] is < '0' or > '9' && name.Length > 0;

    /// <summary>A property's name in lower case with underscores: <c>MeanFare7d</c> is <c>mean_fare7d</c>, <c>HttpURL</c> is <c>http_url</c>.</summary>
    public static string OfProperty(string property)
    {
        var name = new StringBuilder();
        for (var i = 0; i < property.Length; i++)
        {
            var startsWord = char.IsUpper(property[i]) && i > 0 && property[i - 1] != '_' && (!char.IsUpper(property[i - 1]) || (i + 1 < property.Length && char.IsLower(property[i + 1])));
            name.Append(startsWord ? "_" : "").Append(char.ToLowerInvariant(property[i]));
        }

        return name.ToString();
    }
}
