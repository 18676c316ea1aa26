using System.Text.RegularExpressions;

namespace Mlp.Registry.Server;

/// <summary>The one filter that searches of models and versions know: <c>name = '...'</c>. Any other is refused, never ignored.</summary>
internal static partial class NameFilter
{
    /// <summary>The name asked for; null where there is no filter.</summary>
    public static string? Parse(string? filter)
    {
        if (string.IsNullOrWhiteSpace(filter))
        {
            return null;
        }

        var match = Equality().Match(filter);
        return match.Success
            ? match.Groups["name"].Value
            : throw RegistryFault.WrongValue("filter", filter, "nothing or \"name = '...'\", the one filter that this server supports");
    }

    /// <summary>Refuses an order other than the search's own.</summary>
    public static void RefuseOrder(IReadOnlyList<string> orderBy, string own)
    {
        foreach (var order in orderBy)
        {
            if (!string.Equals(order.Trim(), own, StringComparison.OrdinalIgnoreCase) && !string.Equals(order.Trim(), "attributes." + own, StringComparison.OrdinalIgnoreCase))
            {
                throw RegistryFault.WrongValue("order_by", order, $"nothing or \"{own}\", the one order that this server supports");
            }
        }
    }

    [GeneratedRegex(@"^\s*name\s*=\s*(?:'(?<name>[^'\\]*)'|""(?<name>[^""\\]*)"")\s*$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Equality();
}
