using System.Security.Cryptography;
using System.Text;

namespace Mlp.Registry.Server;

/// <summary>The token that callers have to show; only its digest is kept.</summary>
internal sealed class BearerToken(string? token)
{
    private const string Scheme = "Bearer ";

    private readonly byte[]? _expected = token is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>Whether an <c>Authorization</c> header is enough. Digests are compared, in constant time, so that neither content nor length leaks.</summary>
    public bool Allows(string? header)
    {
        if (_expected is null)
        {
            return true;
        }

        if (header is null || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        return CryptographicOperations.FixedTimeEquals(_expected, SHA256.HashData(Encoding.UTF8.GetBytes(header[Scheme.Length..])));
    }
}
