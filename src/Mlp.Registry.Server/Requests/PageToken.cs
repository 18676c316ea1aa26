using System.Globalization;
using System.Text;
using Mlp.Core;

namespace Mlp.Registry.Server;

/// <summary>Where the next page begins. A token belongs to one search: another search refuses it.</summary>
internal static class PageToken
{
    private const int FingerprintLength = 16;
    private const int TokenLengthMax = 128;

    /// <summary>The offset that a token states for a search; 0 where there is no token.</summary>
    public static long Offset(string? token, string search)
    {
        if (string.IsNullOrEmpty(token))
        {
            return 0;
        }

        var bytes = new byte[TokenLengthMax];
        if (token.Length <= TokenLengthMax && Convert.TryFromBase64String(token, bytes, out var written))
        {
            var text = Encoding.ASCII.GetString(bytes.AsSpan(0, written));
            var divider = text.IndexOf(':', StringComparison.Ordinal);
            if (divider == FingerprintLength
                && text.AsSpan(0, divider).SequenceEqual(Fingerprint(search))
                && long.TryParse(text.AsSpan(divider + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
            {
                return offset;
            }
        }

        throw RegistryFault.Invalid("Invalid page token: it is not one that this search has given.");
    }

    /// <summary>The token of the page that starts at an offset.</summary>
    public static string At(long offset, string search) =>
        Convert.ToBase64String(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Fingerprint(search)}:{offset}")));

    /// <summary>Cuts a page off a list that holds one more than the page where there is a next one.</summary>
    public static string? Cut<T>(List<T> results, int max, long offset, string search)
    {
        if (results.Count <= max)
        {
            return null;
        }

        results.RemoveRange(max, results.Count - max);
        return At(offset + max, search);
    }

    private static string Fingerprint(string search) => ContentDigest.Hex(ContentDigest.Of(Encoding.UTF8.GetBytes(search)))[..FingerprintLength];
}
